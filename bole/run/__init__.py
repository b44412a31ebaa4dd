"""Running it: the nameko extensions a service declares, the roles, their health."""
