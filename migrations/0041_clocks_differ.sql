-- A process whose clock is not the database's says so by an alarm of its own: `clock` is about what the notifier erases.
alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check check (kind in
    ('clock', 'clocks_differ', 'keys_run_out', 'worker_silent', 'check_ins_fail', 'proxy_unreadable', 'unvouched_release'));
