SELECT figure, network, cohort, discipline, people FROM release_people WHERE release_id = $id
