"""A deployment to take home: its configuration, systemd units and a README that explains each file."""
