/// Bytes of a mac: 128 bits, beyond any accidental or searched-for collision within one venue and date.
pub const MAC_LEN: usize = 16;
