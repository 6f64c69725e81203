//! The price table that ships with sidekick.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Prices in US dollars.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// The month of the prices, such as `2026-06`.
    pub(super) as_of: String,
    /// The region of the prices.
    pub(super) region: String,
    hours_per_month: f64,
    hour: BTreeMap<String, f64>,
    month: BTreeMap<String, f64>,
    database_hour: BTreeMap<String, f64>,
    cache_hour: BTreeMap<String, f64>,
}

/// The table as it was built in.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("prices.toml")).expect("the built-in price table is read by a test")
});

/// A price of one month; unknown where the table does not have it.
pub(super) type Monthly = Option<f64>;

impl Table {
    /// What costs by the hour.
    pub(super) fn by_hour(&self, what: &str) -> Monthly {
        self.hour.get(what).map(|price| price * self.hours_per_month)
    }

    /// What costs by the month.
    pub(super) fn by_month(&self, what: &str) -> Monthly {
        self.month.get(what).copied()
    }

    /// A database instance of this class.
    pub(super) fn database(&self, class: &str) -> Monthly {
        self.database_hour.get(class).map(|price| price * self.hours_per_month)
    }

    /// A cache node of this type.
    pub(super) fn cache(&self, node: &str) -> Monthly {
        self.cache_hour.get(node).map(|price| price * self.hours_per_month)
    }
}
