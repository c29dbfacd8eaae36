"""What goes on between two polls: judging alerts, announcing, remembering."""
