//! Embeds the templates. Adding a language is a folder below `templates`.

fn main() {
    minijinja_embed::embed_templates!("templates");
}
