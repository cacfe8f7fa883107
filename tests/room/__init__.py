"""The store on each database, its records under attack among the rest."""
