//! Pages of long answers. A token names the last key handed out, so it survives what is added and deleted.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::call::Answer;
use crate::params::Params;

/// How a service spells and limits its pages. The token has the same name in requests and answers.
pub(crate) struct Paging {
    pub(crate) limit: &'static str,
    pub(crate) smallest: i64,
    /// What is also taken if the caller names no limit.
    pub(crate) largest: i64,
    pub(crate) token: &'static str,
}

impl Paging {
    /// The page that was asked for, as the list `list` of an answer. Items are sorted by their keys here.
    pub(crate) fn answer(&self, params: &Params, list: &str, mut items: Vec<(String, Value)>) -> Answer {
        let limit = params.number(self.limit)?.unwrap_or(self.largest);
        if !(self.smallest..=self.largest).contains(&limit) {
            let why = format!("It must lie between {} and {}.", self.smallest, self.largest);
            return Err(params.invalid(self.limit, limit, &why));
        }
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        let token = params.text_if(self.token)?;
        let page = cut(items, usize::try_from(limit).ok(), token)
            .ok_or_else(|| params.invalid(self.token, token.unwrap_or_default(), ""))?;
        Ok(json!({ list: page.items, self.token: page.next }))
    }
}

/// One page: its items, and the token of the next page if there is one.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// Cuts a page out of all items, which come sorted by key. Gives nothing if the token is not one of ours.
pub(crate) fn cut<T>(items: Vec<(String, T)>, limit: Option<usize>, token: Option<&str>) -> Option<Page<T>> {
    let after = token.map(decode).map_or(Some(None), |key| key.map(Some))?;
    let mut rest =
        items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).peekable();
    let mut page = Page { items: Vec::new(), next: None };
    let mut last = String::new();
    while limit.is_none_or(|limit| page.items.len() < limit) {
        let Some((key, item)) = rest.next() else { return Some(page) };
        last = key;
        page.items.push(item);
    }
    page.next = rest.peek().map(|_| encode(&last));
    Some(page)
}

fn encode(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn decode(token: &str) -> Option<String> {
    let digits: Vec<u8> = token.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    String::from_utf8(
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect(),
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn pages_join_to_the_whole_even_when_the_last_item_is_deleted_in_between() {
        let mut items: Vec<(String, u32)> = (0..7).map(|n| (format!("k{n}"), n)).collect();
        let first = cut(items.clone(), Some(3), None).unwrap();
        assert_eq!(first.items, [0, 1, 2]);
        items.remove(2);
        let second = cut(items.clone(), Some(3), first.next.as_deref()).unwrap();
        assert_eq!(second.items, [3, 4, 5]);
        let third = cut(items.clone(), Some(3), second.next.as_deref()).unwrap();
        assert_eq!((third.items, third.next), (vec![6], None));
        assert!(cut(items, None, Some("not ours")).is_none());
    }
}
