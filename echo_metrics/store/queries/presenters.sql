SELECT DISTINCT presenter FROM case_presentation WHERE presenter <> ''
