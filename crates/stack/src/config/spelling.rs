//! Guesses what somebody meant to write.

/// The candidate closest to a word, if it is close enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A word of which every letter was changed is another word.
    let tolerance = (1 + word.len() / 4).min(word.len().saturating_sub(1));
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The hint for a word that is not among the known ones.
pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => {
            let known: Vec<String> = known.into_iter().map(|candidate| format!("`{candidate}`")).collect();
            format!("known here: {}", known.join(", "))
        }
    }
}
