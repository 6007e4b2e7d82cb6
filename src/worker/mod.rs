//! The notifier process: delivery loop and periodic tasks.
