//! A diagram as a picture of its own, whose text can be selected and searched.

use std::fmt::Write as _;

use super::layout::{BOX, Layout, Placed};
use super::{Diagram, Node};

/// What the picture looks like: the colours of the tones come from them.
const STYLE: &str = "text{font:11px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1c2430}\
.title{font-size:16px;font-weight:600}.layer{font-size:13px;font-weight:600;fill:#5d6776}\
.name{font-size:12px;font-weight:600}.kind{fill:#5d6776}\
.band{fill:#fafbfc;stroke:#d5dae1}.arrow{fill:none;stroke:#8b95a5;stroke-width:1.2}";

/// The height of the title and of the line that says what the arrows mean.
const TITLE: f64 = 56.0;

/// Draws it.
pub(crate) fn svg(diagram: &Diagram) -> String {
    let layout = Layout::of(diagram);
    let (width, height) = (layout.width.max(480.0), layout.height + TITLE);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#8b95a5\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text class=\"title\" x=\"20\" y=\"30\">{title}</text>\n\
         <text class=\"kind\" x=\"20\" y=\"50\">An arrow leads from what is needed to what needs it.</text>\n\
         <g transform=\"translate(0 {TITLE})\">\n",
        title = escaped(&diagram.title),
    );
    for (layer, top, tall) in &layout.bands {
        let _ = writeln!(
            text,
            "<rect class=\"band\" x=\"10\" y=\"{top:.0}\" width=\"{:.0}\" height=\"{tall:.0}\" rx=\"8\"/>\
             <text class=\"layer\" x=\"22\" y=\"{:.0}\">{}</text>",
            width - 20.0,
            top + 20.0,
            escaped(layer),
        );
    }
    for way in &layout.ways {
        let _ = writeln!(text, "<path class=\"arrow\" d=\"{way}\" marker-end=\"url(#tip)\"/>");
    }
    for (node, placed) in diagram.nodes.iter().zip(&layout.boxes) {
        text.push_str(&drawn(node, *placed));
    }
    text + "</g>\n</svg>\n"
}

fn drawn(node: &Node, Placed { x, y, width }: Placed) -> String {
    let (fill, line) = node.mark.tone.colours();
    let stroke = if node.mark.critical { 3.0 } else { 1.0 };
    let mut text = format!(
        "<g><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BOX}\" rx=\"6\" fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"{stroke}\"/>",
        escaped(node.address.as_str()),
    );
    let lines = [("name", node.name(), 18.0), ("mark", &node.mark.line(), 33.0), ("kind", &node.kind, 48.0)];
    for (class, line, down) in lines {
        let _ = write!(
            text,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 12.0,
            y + down,
            escaped(line)
        );
    }
    text + "</g>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
