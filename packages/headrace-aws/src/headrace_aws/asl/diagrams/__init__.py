"""State machines as pictures: what is connected (`scopes`), where it stands (`layout`), how it looks (`drawing`)."""
