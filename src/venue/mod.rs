//! Venues and their posters: application, confirmation, approval, codes.
