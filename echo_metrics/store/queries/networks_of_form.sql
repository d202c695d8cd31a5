SELECT DISTINCT network_id FROM submission WHERE form_key = $form
