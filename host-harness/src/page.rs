//! A page of HTML that needs nothing else: its style and its drawings are in it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::plot;

/// A page with this title and body, for light and for dark, for wide and for narrow windows.
pub(crate) fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(plot::STYLE)) (PreEscaped(include_str!("page.css"))) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// A table that is scrolled where it is wider than the window; `label` names it to those who do not see it.
pub(crate) fn scrolled(label: &str, table: &Markup) -> Markup {
    html! { div class="scroll" tabindex="0" role="region" aria-label=(label) { (table) } }
}
