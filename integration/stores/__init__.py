"""All SQL of the product; see `unit_of_work.SqlStores`."""
