"""Ways of sending: what hands a message over, to the outbox or to somebody who delivers it."""
