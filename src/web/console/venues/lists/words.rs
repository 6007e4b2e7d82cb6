//! The mistakes in a list, in words.
use crate::base::locale::Words;
use crate::base::table::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS, TableError};
use crate::venue::import::undo::KeptReason;
use crate::venue::import::{Batch, HeadError, MAX_POSTERS, RowError};
use crate::web::console::history::Names;

/// The name of the official who handed a list in.
pub(super) fn maker(w: &Words, names: &Names, principal: &str) -> String {
    if principal == "command-line" { w.bulk_by_command_line() } else { names.of(principal) }
}

/// How a batch's mails stand, in a word.
pub(super) fn mails(w: &Words, batch: &Batch) -> String {
    if batch.undone_at.is_some() {
        w.bulk_earlier_undone()
    } else if batch.waits_for_release() {
        w.bulk_earlier_wait(batch.held.to_string())
    } else if batch.held + batch.posted + batch.mails_left_out > 0 {
        w.bulk_earlier_released()
    } else {
        w.bulk_earlier_none()
    }
}

/// Why a venue stayed.
pub(super) fn kept(w: &Words, why: KeptReason) -> String {
    match why {
        KeptReason::CheckedIn => w.bulk_kept_checked_in(),
        KeptReason::Opened => w.bulk_kept_opened(),
        KeptReason::Changed => w.bulk_kept_changed(),
        KeptReason::Closed => w.bulk_kept_closed(),
    }
}

/// Why a file is not read.
pub(super) fn unreadable(w: &Words, error: TableError) -> String {
    let row = |row: u32| row.to_string();
    match error {
        TableError::TooLarge => w.bulk_file_too_large(),
        TableError::TooLargeUnzipped | TableError::TooMuchText => w.bulk_file_too_large_unzipped(),
        TableError::TooManyRows => w.bulk_file_too_many_rows((MAX_ROWS - 1).to_string()),
        TableError::TooManyColumns(no) => w.bulk_file_too_many_columns(row(no), MAX_COLUMNS.to_string()),
        TableError::CellTooLong(no) => w.bulk_file_cell_too_long(row(no), MAX_CELL_CHARS.to_string()),
        TableError::CellError(no) => w.bulk_file_cell_error(row(no)),
        TableError::Encoding => w.bulk_file_encoding(),
        TableError::OldFormat => w.bulk_file_old(),
        TableError::Unreadable => w.bulk_file_unreadable(),
        TableError::Empty => w.bulk_file_empty(),
    }
}

/// Why no list is read under its head.
pub(super) fn headless(w: &Words, error: &HeadError) -> String {
    match error {
        HeadError::NoRows => w.bulk_file_empty(),
        HeadError::Twice(column) => w.bulk_head_twice(column.title(w)),
        HeadError::Missing(columns) => {
            let titles: Vec<String> = columns.iter().map(|column| column.title(w)).collect();
            w.bulk_head_missing(titles.join("、"))
        }
    }
}

/// The mistake in one cell.
pub(super) fn problem(w: &Words, error: &RowError) -> String {
    match error.code {
        "empty" => w.bulk_row_empty(),
        "too_long" => w.bulk_row_too_long(),
        "forbidden_characters" => w.bulk_row_forbidden(),
        "no_at" => w.email_no_at(),
        "incomplete_domain" => w.email_no_dot(),
        "undeliverable" => w.bulk_row_undeliverable(),
        "unknown_choice" => w.bulk_row_unknown(),
        "too_many" => w.bulk_row_too_many(MAX_POSTERS.to_string()),
        "out_of_range" => w.bulk_row_out_of_range(),
        "not_a_postal_code" => w.bulk_row_postal_code(),
        "not_a_phone_number" => w.bulk_row_phone(),
        "not_a_date" => w.bulk_row_date(),
        "ends_before_begin" => w.bulk_row_ends(),
        "only_for_events" => w.bulk_row_events(),
        _ => w.bulk_row_wrong(),
    }
}
