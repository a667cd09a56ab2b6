"""Signing in: who is kept out, second factors, passkeys, sessions (docs/signing-in.md)."""
