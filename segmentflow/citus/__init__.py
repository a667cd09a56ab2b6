"""The schema on a Citus cluster: what goes where, what keeps it from that, and putting it there."""
