"""A whole run without a server or an account: embedded Postgres, sample data, a served snapshot."""
