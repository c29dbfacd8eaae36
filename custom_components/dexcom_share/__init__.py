"""The Dexcom Share integration."""
