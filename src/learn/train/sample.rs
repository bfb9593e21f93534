//! Rows in, one by one and in any order, a sample of fixed size out: the rows with the smallest
//! hashes. Two samples merged are the sample of both inputs together (bottom-k sampling: Cohen and
//! Kaplan 2007). It never draws at random.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::verdict::Label;

use crate::learn::train::rows::Prepared;

/// The hash that orders rows for the sample. It uses other bits than those that choose the fold:
/// otherwise a sample would have few folds.
pub(crate) fn place_of(likeness: u64, label: Label) -> u64 {
    let mut bytes = [label as u8; 9];
    bytes[..8].copy_from_slice(&likeness.to_le_bytes());
    rapidhash::v3::rapidhash_v3(&bytes)
}

/// Leaves the sample of so many rows, in their order.
pub(crate) fn thin(rows: &mut Vec<&Prepared>, most: usize) {
    if rows.len() > most {
        let place = |row: &&Prepared| place_of(row.likeness, row.label);
        let mut places: Vec<u64> = rows.iter().map(place).collect();
        let (_, &mut first_out, _) = places.select_nth_unstable(most);
        rows.retain(|row| place(row) < first_out);
    }
}

/// At most so many rows.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    rows: BTreeMap<u64, Row>,
    most: usize,
}

/// A row, and its place in the input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) at: usize,
    pub(crate) row: Prepared,
}

impl Sample {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            rows: BTreeMap::new(),
            most,
        }
    }

    /// Takes a row in, if it is among the first. Of two that look the same the one that came first
    /// stays.
    pub(crate) fn offer(&mut self, row: Row) {
        let place = place_of(row.row.likeness, row.row.label);
        let last = self.rows.last_key_value().map(|(&last, _)| last);
        if self.rows.len() < self.most || last.is_some_and(|last| place < last) {
            self.rows.entry(place).or_insert(row);
            if self.rows.len() > self.most {
                self.rows.pop_last();
            }
        }
    }

    /// In the order of the input.
    pub(crate) fn into_rows(self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.rows.into_values().collect();
        // Stable: rows of different inputs at one place stay in the line's order.
        rows.sort_by_key(|row| row.at);
        rows
    }
}
