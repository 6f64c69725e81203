use std::collections::BTreeSet;

use super::layout::BOX;
use super::*;
use crate::render::layers::{LAYERS, layer};

/// So many resources in all layers, each needing some of those before.
fn outline(count: usize) -> Vec<Outlined> {
    let address = |at: usize| Address::from(format!("{}.it-{at}", LAYERS[at * LAYERS.len() / count]));
    let needs =
        |at: usize| [at / 2, at / 3, at * 2 / 3].into_iter().filter(|need| *need < at).map(address).collect();
    (0..count)
        .map(|at| Outlined { address: address(at), kind: "a.kind".to_owned(), needs: needs(at) })
        .collect()
}

fn diagram(outline: &[Outlined]) -> Diagram {
    Diagram::new("a \"title\"".to_owned(), outline, |_| Mark::new("+", "create <b>", Tone::Good))
}

fn outlined(address: &str, needs: &[&str]) -> Outlined {
    let needs = needs.iter().map(|need| Address::from(*need)).collect();
    Outlined { address: address.into(), kind: "a.kind".to_owned(), needs }
}

#[test]
fn what_follows_from_other_arrows_is_not_drawn() {
    let needs =
        [outlined("data.a", &[]), outlined("data.b", &["data.a"]), outlined("edge.c", &["data.a", "data.b"])];
    assert_eq!(diagram(&needs).arrows, [(0, 1), (1, 2)]);
}

#[test]
fn what_a_circle_holds_is_drawn_all_the_same() {
    let needs = [outlined("data.a", &["data.b"]), outlined("data.b", &["data.a"])];
    assert_eq!(svg(&diagram(&needs)).matches("class=\"name\"").count(), 2);
}

#[test]
fn layers_stand_in_their_order_and_unknown_ones_last() {
    let needs = ["other.x", "compute.x", "network.x", "data.x"].map(|address| outlined(address, &[]));
    let diagram = diagram(&needs);
    let layers: Vec<_> = diagram.layers().into_iter().map(|(layer, _)| layer).collect();
    assert_eq!(layers, ["network", "data", "compute", "other"]);
}

#[test]
fn no_boxes_overlap_each_is_in_its_band_and_behind_what_it_needs() {
    for count in [1, 2, 37, 60, 120] {
        let diagram = diagram(&outline(count));
        let layout = Layout::of(&diagram);
        for (at, one) in layout.boxes.iter().enumerate() {
            let apart = |other: &Placed| {
                one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + BOX <= other.y
                    || other.y + BOX <= one.y
            };
            assert!(layout.boxes[..at].iter().all(apart), "{count}: box {at}");
            let (_, top, tall) = layout
                .bands
                .iter()
                .find(|(name, ..)| name == layer(&diagram.nodes[at].address))
                .expect("its band");
            assert!(*top <= one.y && one.y + BOX <= top + tall, "{count}: box {at} leaves its band");
            assert!(one.x + one.width <= layout.width && one.y + BOX <= layout.height);
        }
        for (needed, needing) in &diagram.arrows {
            assert!(layout.boxes[*needed].x < layout.boxes[*needing].x);
        }
    }
}

#[test]
fn text_of_others_is_text_in_every_language() {
    let mut diagram = diagram(&[outlined("data.a", &[]), outlined("data.b\"]<script>", &["data.a"])]);
    diagram.nodes[0].mark.critical = true;
    let dot = dot(&diagram);
    assert!(dot.contains("\"data.a\" -> \"data.b\\\"]<script>\";"), "{dot}");
    assert!(dot.contains("label=\"data.a\\n+ create <b> ◆ critical\\na.kind\""), "{dot}");
    let mermaid = mermaid(&diagram);
    assert!(
        mermaid.contains("n1[\"data.b#34;]#60;script#62;<br/>+ create #60;b#62;<br/>a.kind\"]:::good"),
        "{mermaid}"
    );
    assert!(mermaid.contains("n0 --> n1\n"), "{mermaid}");
    let svg = svg(&diagram);
    assert!(svg.contains("<title>data.b&quot;]&lt;script&gt;</title>") && !svg.contains("<script"), "{svg}");
    let unique: BTreeSet<&str> = svg.lines().filter(|line| line.contains("class=\"arrow\"")).collect();
    assert_eq!(unique.len(), 1);
}
