//! A site that starts from nothing and labels every comment: does phin learn it? The YouTube comments, through the doors a blog would use.

use phin::learn::train::corpus::{BadLines, Example, read_all};
use phin::model::Model;
use phin::verdict::Label;

use crate::program::corpus;
use crate::world::{THANKS, World, shipped};

/// One comment of each video in turn, as if five sites were busy at once.
fn round_robin(all: Vec<Example>) -> Vec<Example> {
    let mut videos: Vec<(String, std::collections::VecDeque<Example>)> = Vec::new();
    for example in all {
        let video = example.group.clone().expect("every comment has its video");
        match videos.iter_mut().find(|(name, _)| *name == video) {
            Some((_, queue)) => queue.push_back(example),
            None => videos.push((video, [example].into())),
        }
    }
    assert_eq!(videos.len(), 5);
    let longest = videos
        .iter()
        .map(|(_, queue)| queue.len())
        .max()
        .unwrap_or(0);
    (0..longest)
        .flat_map(|_| {
            videos
                .iter_mut()
                .filter_map(|(_, queue)| queue.pop_front())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Checks each comment, then tells phin what it was; returns which were judged right.
async fn judged_right(world: &World, stream: &[Example]) -> Vec<bool> {
    let mut right = Vec::with_capacity(stream.len());
    for (n, example) in stream.iter().enumerate() {
        let video = example
            .group
            .as_deref()
            .unwrap_or("")
            .replace("youtube:", "")
            .to_lowercase();
        let site = format!("http://{}.video.example", video.replace('_', "-"));
        let post = n.to_string();
        let mut fields = vec![
            ("blog", site.as_str()),
            ("comment_content", example.comment.text.as_str()),
            ("comment_date_gmt", example.date.as_deref().unwrap_or("")),
            ("comment_post_ID", post.as_str()),
            // Nobody knows the writers' addresses: a private one is none.
            ("user_ip", "192.168.1.1"),
        ];
        fields.extend(
            example
                .comment
                .author
                .name
                .as_deref()
                .map(|name| ("comment_author", name)),
        );
        let answer = world.akismet("comment-check", &fields).await;
        let says_spam = answer.text() == "true" || answer.probability() >= 0.5;
        let label = example.label.expect("every comment is labelled");
        right.push(says_spam == (label == Label::Spam));
        let answer = world.akismet(&format!("submit-{label}"), &fields).await;
        assert_eq!(answer.text(), THANKS);
    }
    right
}

fn accuracy(right: &[bool]) -> f64 {
    right.iter().filter(|&&right| right).count() as f64 / right.len().max(1) as f64
}

struct Course {
    first: f64,
    second_half: f64,
    last: f64,
    whole: f64,
}

async fn course(name: &str, model: Model) -> Option<Course> {
    let stream = round_robin(
        read_all(&corpus("youtube_spam_uci")?, BadLines::Refuse).expect("every line is good"),
    );
    assert_eq!(stream.len(), 1_956);
    let world = World::with_model(model);
    let right = judged_right(&world, &stream).await;
    let course = Course {
        first: accuracy(&right[..200]),
        second_half: accuracy(&right[right.len() / 2..]),
        last: accuracy(&right[right.len() - 500..]),
        whole: accuracy(&right),
    };
    println!(
        "{name}: accuracy {:.4} over the first 200, {:.4} over the second half, {:.4} over the last 500, {:.4} over all",
        course.first, course.second_half, course.last, course.whole
    );
    Some(course)
}

#[tokio::test]
async fn from_nothing_phin_learns_the_youtube_stream() {
    let Some(course) = course("cold", Model::cold()).await else {
        return;
    };
    assert!(
        course.second_half > course.first,
        "it did not get better: {:.4}, then {:.4}",
        course.first,
        course.second_half
    );
    assert!(course.last > 0.93, "{:.4}", course.last);
}

#[tokio::test]
async fn the_shipped_model_has_a_head_start_on_the_youtube_stream_and_learns_it_too() {
    let Some(course) = course("shipped", shipped()).await else {
        return;
    };
    assert!(course.first > 0.80, "{:.4}", course.first);
    assert!(course.last > 0.93, "{:.4}", course.last);
}
