"""What tests of the kit, the services and the packs share."""
