//! Who may act: principals, roles, API tokens.
