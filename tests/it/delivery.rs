//! From the outbox to the mail server: what is promised, under every fault there is. The sink is the judge.
mod ahead;
mod away;
mod braking;
mod faults;
mod fixture;
mod many;
mod rows;
mod stopping;
mod upkeep;
