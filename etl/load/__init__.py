"""Load: staging, plan, apply and audit in Postgres, over ADBC."""
