//! A diagram in the language of Mermaid.

use std::fmt::Write as _;

use super::{Diagram, Tone};

/// Draws it as a flowchart.
pub(crate) fn mermaid(diagram: &Diagram) -> String {
    let mut text = format!("---\ntitle: {}\n---\nflowchart LR\n", quoted(&diagram.title));
    for (layer, places) in diagram.layers() {
        let _ = writeln!(text, "  subgraph {}[{}]", identifier(layer), quoted(layer));
        for place in places {
            let node = &diagram.nodes[place];
            let lines = [node.address.as_str(), &node.mark.line(), &node.kind].map(escaped);
            let _ = writeln!(text, "    n{place}[\"{}\"]:::{}", lines.join("<br/>"), node.mark.tone.name());
            if node.mark.critical {
                let _ = writeln!(text, "    class n{place} critical");
            }
        }
        text.push_str("  end\n");
    }
    for (needed, needing) in &diagram.arrows {
        let _ = writeln!(text, "  n{needed} --> n{needing}");
    }
    for tone in Tone::ALL {
        let (fill, line) = tone.colours();
        let _ = writeln!(text, "  classDef {} fill:{fill},stroke:{line},color:#1c2430", tone.name());
    }
    text + "  classDef critical stroke-width:4px\n"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Mermaid writes what its grammar has a use for as numbered characters.
fn escaped(text: &str) -> String {
    let mut written = String::new();
    for character in text.chars() {
        match character {
            '"' | '#' | '&' | '<' | '>' | '`' | ';' | '\\' => {
                let _ = write!(written, "#{};", u32::from(character));
            }
            _ => written.push(character),
        }
    }
    written
}

/// The name of a layer as Mermaid takes it: no word of its own, and nothing but letters.
fn identifier(layer: &str) -> String {
    format!("layer_{}", layer.replace(|character: char| !character.is_ascii_alphanumeric(), "_"))
}
