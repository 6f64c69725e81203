//! Lines of aligned columns.

/// Aligns all columns but the last. Widths count characters, which is right for what AWS names.
pub(crate) fn columns<const N: usize>(lines: impl IntoIterator<Item = [String; N]>) -> String {
    let lines: Vec<[String; N]> = lines.into_iter().collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let mut written = String::new();
        for (column, cell) in line.iter().enumerate() {
            let gap = if column + 1 == N { 0 } else { widths[column] + 2 - cell.chars().count() };
            written.push_str(cell);
            written.push_str(&" ".repeat(gap));
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let lines = [["a", "bb", "c"], ["aaa", "b", ""]].map(|line| line.map(str::to_owned));
        assert_eq!(super::columns(lines), "a    bb  c\naaa  b\n");
    }
}
