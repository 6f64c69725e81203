//! A diagram in the language of Graphviz.

use std::fmt::Write as _;

use super::{Diagram, Node};

/// Draws it for `dot`.
pub(crate) fn dot(diagram: &Diagram) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&diagram.title));
    text.push_str("  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n");
    for (layer, places) in diagram.layers() {
        let _ = writeln!(text, "  subgraph {} {{", quoted(&format!("cluster_{layer}")));
        let _ = writeln!(text, "    label={};", quoted(layer));
        for place in places {
            let _ = writeln!(text, "    {}", node(&diagram.nodes[place]));
        }
        text.push_str("  }\n");
    }
    for (needed, needing) in &diagram.arrows {
        let [needed, needing] = [needed, needing].map(|place| quoted(diagram.nodes[*place].address.as_str()));
        let _ = writeln!(text, "  {needed} -> {needing};");
    }
    text + "}\n"
}

fn node(node: &Node) -> String {
    let (fill, line) = node.mark.tone.colours();
    let label = quoted(&format!("{}\n{}\n{}", node.address, node.mark.line(), node.kind));
    let width = if node.mark.critical { ", penwidth=3" } else { "" };
    format!(
        "{} [label={label}, fillcolor=\"{fill}\", color=\"{line}\"{width}];",
        quoted(node.address.as_str())
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
