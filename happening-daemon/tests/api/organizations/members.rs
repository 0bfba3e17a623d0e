//! The list of members: filters and pages.

use super::Scene;
use crate::support::parts::Parts;
use crate::support::people::join;
use happening_core::wire::{Member, MembersQuery, Role};

on_both_parts!(members_are_filtered_and_paged);

fn names(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.username.as_str()).collect()
}

async fn members_are_filtered_and_paged(parts: Parts) {
    let scene = Scene::set(parts).await;
    let client = &scene.member.client;
    for person in [&scene.guest, &scene.support] {
        join(&scene.admin, person, scene.organization, Role::User).await;
    }
    let find =
        async |query: MembersQuery| client.find_members(scene.organization, &query).await.expect("members");
    let all = client.members(scene.organization).await.expect("members");
    assert_eq!(names(&all), ["admin", "guest", "member", "organizer", "support"]);
    let whole = find(MembersQuery::default()).await;
    assert_eq!((&whole.items, whole.next), (&all, None), "without a limit it is whole");

    let mut page = find(MembersQuery { limit: Some(2), ..MembersQuery::default() }).await;
    let mut paged = page.items.clone();
    while let Some(next) = &page.next {
        page = client.next_page(next).await.expect("a page");
        assert!((1..=2).contains(&page.items.len()));
        paged.extend(page.items.clone());
    }
    assert_eq!(paged, all);

    let users = MembersQuery { role: Some(Role::User), limit: Some(2), ..MembersQuery::default() };
    let first = find(users).await;
    assert_eq!(names(&first.items), ["guest", "member"]);
    let rest = client.next_page::<Member>(&first.next.expect("more")).await.expect("a page");
    assert_eq!((names(&rest.items), rest.next), (vec!["support"], None), "the filter goes along");
    let found = find(MembersQuery { q: Some("ORG".to_owned()), ..MembersQuery::default() }).await;
    assert_eq!(names(&found.items), ["organizer"]);

    let path = format!("/organizations/{}/members", scene.organization);
    for bad in ["limit=0", "limit=5001", "limit=many", "cursor=%21", "cursor=eA", "role=emperor"] {
        let answer = scene.raw.get(&format!("{path}?{bad}"), &scene.member.token).await;
        answer.problem(bad, 400, "validation_failed");
    }
    let guest = scene.raw.get(&format!("{path}?limit=1"), &scene.support.token).await;
    assert!(guest.header("Link").is_some_and(|link| link.ends_with("rel=\"next\"")));
}
