UPDATE account SET role = $role, all_networks = $all_networks, row_level = $row_level WHERE id = $id
