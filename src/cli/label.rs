//! `phin label`: a check and a label in, what the label did out. Counts as a label of the key that
//! sent the check.

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use crate::http::{LabelGiven, OperatorLabel};
use crate::moderation::Effect;
use crate::verdict::{Category, Label};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin queue                            # what waits for a person, and the id of each check
  phin label 0f4a7c1d2e3b4a5968778695a4b3c2d1 spam
  phin label 0f4a7c ham                 # its first digits are enough, if no other check begins so
  phin label 0f4a7c spam --kind loans --by an
  phin undo --guid 0f4a7c1d2e3b4a5968778695a4b3c2d1

The next check knows it. The opposite label takes it back. Labels from Akismet clients and from /v1/label come in by themselves: this command is for the
terminal.")]
pub(super) struct Args {
    /// Id of the check, or its first digits (at least six)
    guid: String,
    /// What the comment is
    #[arg(value_parser = ["spam", "ham"])]
    label: String,
    /// What the spam is about: loans, gambling, ...
    #[arg(long)]
    kind: Option<String>,
    /// Who says so; phin undo --reporter finds it by this name
    #[arg(long, value_name = "NAME", default_value = "operator")]
    by: String,
    /// It answers an audit of the queue, and you did not know the verdict
    #[arg(long)]
    audit: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Gives the label.
///
/// # Errors
/// There is no such check, there are more, the kind is none, or the store refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let label = match args.label.as_str() {
        "spam" => Label::Spam,
        _ => Label::Ham,
    };
    let kind = args.kind.as_deref().map(kind_of).transpose()?;
    if label == Label::Ham && kind.is_some() {
        anyhow::bail!("--kind says what spam is about; ham has none");
    }
    let given = OperatorLabel {
        guid: args.guid,
        label,
        kind,
        reporter: args.by,
        audit: args.audit,
    };
    let done: LabelGiven = AdminClient::open_judging(&args.data)?.post("/label", &given)?;
    if done.effect == Effect::Known.in_words() && (kind.is_some() || args.audit) {
        eprintln!(
            "the comment had this label before, so --kind and --audit were not kept; take the label back first (phin undo --guid {})",
            done.guid
        );
    }
    println!(
        "{} on {}: {}, {}",
        done.guid,
        done.site,
        label.as_str(),
        done.effect
    );
    Ok(())
}

fn kind_of(name: &str) -> anyhow::Result<Category> {
    let found = Category::ALL.iter().find(|kind| kind.as_str() == name);
    found.copied().ok_or_else(|| {
        let all: Vec<&str> = Category::ALL.iter().map(|kind| kind.as_str()).collect();
        anyhow::anyhow!(
            "{name:?} is no kind of spam; the kinds are: {}",
            all.join(", ")
        )
    })
}
