"""What `bottin publish` says of a release before it is sent: read from files, merged, told."""
