"""Everything that changes the account at Share: followers, invitations, removals, uploads."""
