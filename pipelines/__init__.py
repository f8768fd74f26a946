"""Pipeline definitions: Python that builds plain Amazon States Language, with placeholders and no AWS client."""
