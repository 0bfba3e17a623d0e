//! Invites to an organization.

use super::{first_sign_in, id, refused};
use crate::contract::{are_shaped, has_shape};
use crate::raw::{Answer, Raw};
use crate::support::keycloak::Keycloak;
use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, sign_in};
use crate::support::{Daemon, eventually};
use futures::future::join_all;
use happening_core::id::InviteId;
use happening_core::wire::{CreateInvite, EraseUser, ErrorCode, Invite, InviteStatus, Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

on_both_parts!(
    the_web_client_invites_and_the_invited_person_accepts,
    only_org_admins_invite_and_only_to_their_own,
    whoever_is_invited_or_a_member_is_not_invited_again,
    ten_invites_at_once_to_one_address_are_one,
    only_the_invited_person_answers,
    declining_is_final_and_a_new_invite_may_follow,
    a_revoked_invite_is_gone,
    an_invite_sent_again_has_another_token,
    what_expired_is_never_accepted_and_soon_marked,
    an_invite_does_not_outlive_membership,
    an_address_without_account_finds_its_invite,
    invites_are_checked_before_anybody_is_invited,
);

const INVITE: &str = "id:id organization_id:id organization_name:text email:text role:user|organizer|orgAdmin \
     invited_by:id invited_by_username:text expires_at:time status:pending|accepted|rejected|expired \
     created_at:time updated_at:time";

fn to(email: &str, role: Role) -> CreateInvite {
    CreateInvite { email: email.to_owned(), role, invited_by: None, message: None, organization_id: None }
}

/// Invites the guest as a user.
async fn invite_guest(admin: &Signed) -> Invite {
    admin.client.send_invite(&to("guest@happening.test", Role::User)).await.expect("an invite").invite
}

async fn role_of(admin: &Signed, person: &Signed) -> Option<Role> {
    let members = admin.client.members(demo_organization(admin).await).await.expect("members");
    members.into_iter().find(|member| member.id == id(person)).map(|member| member.role)
}

/// Without a body and without Content-Type, as the web client sends it.
async fn answer(raw: &Raw, verb: &str, invite: InviteId, person: &Signed) -> Answer {
    let path = format!("/org-invites/{verb}/{invite}");
    Answer::to(raw.request(Method::POST, &path).bearer_auth(&person.token)).await
}

async fn the_web_client_invites_and_the_invited_person_accepts(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin, guest) =
        (Raw::new(&daemon), sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let body = json!({
        "email": "Guest@Happening.test",
        "role": "Organizer",
        "invited_by": admin.subject,
        "message": "Come!",
    });
    let sent = raw.send(Method::POST, "/org-invites/send", &admin.token, body.to_string()).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    let sent = sent.ok();
    has_shape("POST /org-invites/send", &sent, "message:text organizationName:text invite:any");
    has_shape("an invite", &sent["invite"], INVITE);
    assert_eq!((&sent["organizationName"], &sent["invite"]["role"]), (&json!("Demo"), &json!("organizer")));
    assert_eq!(sent["invite"]["email"], "guest@happening.test");
    let token = sent["invite"]["token"].as_str().expect("a token").to_owned();
    assert!(token.len() >= 43, "256 bits");

    let pending = raw.get(&format!("/org-invites/pending/{}", id(&guest)), &guest.token).await;
    assert!(!pending.text.contains(&token), "the token is told once");
    are_shaped("pending invites", &pending.ok(), INVITE);
    let invite: Invite = serde_json::from_value(pending.ok()[0].clone()).expect("an invite");
    assert_eq!((invite.invited_by_username.as_str(), invite.message.as_deref()), ("admin", Some("Come!")));
    assert_eq!(guest.client.invite_by_token(&token).await.expect("found"), invite);

    for _ in 0..2 {
        let accepted = answer(&raw, "accept", invite.id, &guest).await;
        assert_eq!(accepted.status, 200, "{}", accepted.text);
        assert!(!accepted.text.contains(&token));
        assert_eq!(accepted.ok()["status"], "accepted");
    }
    assert_eq!(role_of(&admin, &guest).await, Some(Role::Organizer), "and it counts at once");
    guest.client.organization(invite.organization_id).await.expect("a member sees it");
    assert_eq!(guest.client.pending_invites(id(&guest)).await.expect("a list"), []);
    let all = admin.client.invites_of(invite.organization_id).await.expect("a list");
    assert_eq!(
        all.iter().map(|one| (one.id, one.status)).collect::<Vec<_>>(),
        [(invite.id, InviteStatus::Accepted)]
    );
}

async fn only_org_admins_invite_and_only_to_their_own(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, organizer, guest) = (
        sign_in(&daemon, "admin").await,
        sign_in(&daemon, "organizer").await,
        sign_in(&daemon, "guest").await,
    );
    let demo = demo_organization(&admin).await;
    let new = to("new@happening.test", Role::User);
    let into_demo = CreateInvite { organization_id: Some(demo), ..new.clone() };
    for create in [&new, &into_demo] {
        refused(organizer.client.send_invite(create).await, ErrorCode::Forbidden);
    }
    refused(guest.client.send_invite(&new).await, ErrorCode::Forbidden);
    refused(guest.client.send_invite(&into_demo).await, ErrorCode::NotFound);
    let forged = CreateInvite { invited_by: Some(organizer.subject.clone()), ..new.clone() };
    refused(admin.client.send_invite(&forged).await, ErrorCode::Forbidden);
    let sent = admin.client.send_invite(&into_demo).await.expect("an invite").invite;
    for code in [
        organizer.client.revoke_invite(sent.id).await.expect_err("refused"),
        organizer.client.resend_invite(sent.id).await.expect_err("refused"),
        organizer.client.invites_of(demo).await.expect_err("refused"),
    ] {
        assert_eq!(code.code(), Some(ErrorCode::Forbidden));
    }
    for code in [
        guest.client.revoke_invite(sent.id).await.expect_err("refused"),
        guest.client.resend_invite(sent.id).await.expect_err("refused"),
        guest.client.invites_of(demo).await.expect_err("refused"),
        guest.client.pending_invites(id(&admin)).await.expect_err("refused"),
    ] {
        assert_eq!(code.code(), Some(ErrorCode::NotFound));
    }
    let (support, operator) = (sign_in(&daemon, "support").await, sign_in(&daemon, "operator").await);
    assert_eq!(support.client.invites_of(demo).await.expect("reads everything").len(), 1);
    assert_eq!(support.client.pending_invites(id(&guest)).await.expect("reads everything"), []);
    refused(support.client.send_invite(&into_demo).await, ErrorCode::Forbidden);
    operator.client.revoke_invite(sent.id).await.expect("an operator does everything");
}

async fn whoever_is_invited_or_a_member_is_not_invited_again(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let send = |email: &str| {
        let body = json!({ "email": email, "role": "user" }).to_string();
        let (raw, token) = (&raw, &admin.token);
        async move { raw.send(Method::POST, "/org-invites", token, body).await }
    };
    send("MEMBER@happening.test").await.problem("a member", 400, "already_member");
    assert_eq!(send("guest@happening.test").await.status, 201);
    send("GUEST@happening.test").await.problem("invited already", 400, "invite_pending");
}

async fn ten_invites_at_once_to_one_address_are_one(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let admin = sign_in(&daemon, "admin").await;
    let create = to("new@happening.test", Role::User);
    let sent = join_all((0..10).map(|_| admin.client.send_invite(&create))).await;
    let (good, bad): (Vec<_>, Vec<_>) = sent.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for refusal in bad {
        refused(refusal, ErrorCode::InvitePending);
    }
}

async fn only_the_invited_person_answers(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin, member) =
        (Raw::new(&daemon), sign_in(&daemon, "admin").await, sign_in(&daemon, "member").await);
    let invite = invite_guest(&admin).await;
    let token = invite.token.clone().expect("a token");
    for verb in ["accept", "reject"] {
        for (who, person) in [("a stranger", &member), ("the inviter", &admin)] {
            answer(&raw, verb, invite.id, person).await.problem(who, 404, "not_found");
        }
    }
    member.client.invite_by_token(&token).await.expect("whoever holds the token finds it");
    refused(member.client.invite_by_token("x").await, ErrorCode::NotFound);
    assert_eq!(member.client.pending_invites(id(&member)).await.expect("a list"), []);
    let unknown = format!("/org-invites/accept/{}", id(&member));
    let guest = sign_in(&daemon, "guest").await;
    raw.send(Method::POST, &unknown, &guest.token, "").await.problem("no invite", 404, "not_found");
    raw.send(Method::POST, "/org-invites/accept/1", &guest.token, "").await.problem(
        "no id",
        400,
        "validation_failed",
    );
    assert_eq!(role_of(&admin, &guest).await, None);
}

async fn declining_is_final_and_a_new_invite_may_follow(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin, guest) =
        (Raw::new(&daemon), sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let invite = invite_guest(&admin).await;
    for _ in 0..2 {
        assert_eq!(
            answer(&raw, "reject", invite.id, &guest).await.ok()["status"],
            "rejected",
            "twice is harmless"
        );
    }
    answer(&raw, "accept", invite.id, &guest).await.problem("declined", 404, "not_found");
    assert_eq!(role_of(&admin, &guest).await, None);
    let second = invite_guest(&admin).await;
    guest.client.accept_invite(second.id).await.expect("accepted");
    answer(&raw, "reject", second.id, &guest).await.problem("accepted", 404, "not_found");
}

async fn a_revoked_invite_is_gone(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let invite = invite_guest(&admin).await;
    admin.client.revoke_invite(invite.id).await.expect("revoked");
    refused(admin.client.revoke_invite(invite.id).await, ErrorCode::NotFound);
    refused(guest.client.accept_invite(invite.id).await, ErrorCode::NotFound);
    refused(guest.client.invite_by_token(&invite.token.expect("a token")).await, ErrorCode::NotFound);
    assert_eq!(guest.client.pending_invites(id(&guest)).await.expect("a list"), []);
    let second = invite_guest(&admin).await;
    guest.client.accept_invite(second.id).await.expect("accepted");
    refused(admin.client.revoke_invite(second.id).await, ErrorCode::NotFound);
    assert_eq!(role_of(&admin, &guest).await, Some(Role::User));
}

/// Whatever was sent was sent more than an hour ago.
async fn long_ago(parts: &Parts) {
    parts.execute("UPDATE organization_invites SET sent_at = '2026-01-01T00:00:00+00:00'").await;
}

async fn an_invite_sent_again_has_another_token(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let first = invite_guest(&admin).await;
    let path = format!("/org-invites/{}/resend", first.id);
    for _ in 0..3 {
        let early = Raw::new(&daemon).send(Method::POST, &path, &admin.token, "").await;
        let wait: u64 = early.header("Retry-After").expect("a time").parse().expect("seconds");
        assert!((3_000..=3_600).contains(&wait), "{wait}");
        early.problem("within the hour", 429, "rate_limited");
    }
    long_ago(&parts).await;
    let again = admin.client.resend_invite(first.id).await.expect("sent again").invite;
    refused(admin.client.resend_invite(first.id).await, ErrorCode::RateLimited);
    assert_eq!(again.id, first.id);
    assert!(again.expires_at > first.expires_at);
    let (old, new) = (first.token.expect("a token"), again.token.expect("a token"));
    refused(guest.client.invite_by_token(&old).await, ErrorCode::NotFound);
    assert_eq!(guest.client.invite_by_token(&new).await.expect("found").id, first.id);
    guest.client.accept_invite(first.id).await.expect("accepted");
    refused(admin.client.resend_invite(first.id).await, ErrorCode::NotFound);
}

async fn what_expired_is_never_accepted_and_soon_marked(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let invite = invite_guest(&admin).await;
    let seven_days = chrono::TimeDelta::days(7);
    let life = invite.expires_at - invite.created_at;
    assert!((life - seven_days).abs() < chrono::TimeDelta::minutes(1), "{life}");
    parts.execute("UPDATE organization_invites SET expires_at = '2026-01-01T00:00:00+00:00'").await;
    refused(guest.client.accept_invite(invite.id).await, ErrorCode::NotFound);
    refused(guest.client.reject_invite(invite.id).await, ErrorCode::NotFound);
    assert_eq!(guest.client.pending_invites(id(&guest)).await.expect("a list"), []);
    let found = guest.client.invite_by_token(&invite.token.expect("a token")).await.expect("found");
    assert_eq!(found.status, InviteStatus::Expired, "before it is marked");
    // The mark changes the row, and nothing else does.
    let marked = || async {
        let all = admin.client.invites_of(found.organization_id).await.expect("a list");
        all[0].status == InviteStatus::Expired && all[0].updated_at > found.created_at
    };
    eventually("it is marked", Duration::from_mins(1), marked).await;
    long_ago(&parts).await;
    let again = admin.client.resend_invite(invite.id).await.expect("sent again").invite;
    assert_eq!(again.status, InviteStatus::Pending);
    guest.client.accept_invite(again.id).await.expect("accepted");
}

/// However somebody became a member, what was offered to them before is over, and so is what they took once they are none.
async fn an_invite_does_not_outlive_membership(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (admin, guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    let demo = demo_organization(&admin).await;
    let offered = admin.client.send_invite(&to("guest@happening.test", Role::OrgAdmin)).await;
    let offered = offered.expect("an invite").invite.id;
    let operator = sign_in(&daemon, "operator").await;
    let added = operator.client.set_member(demo, id(&guest), Role::User).await.expect("a member");
    assert!(!added.invited, "an operator adds at once");
    refused(admin.client.resend_invite(offered).await, ErrorCode::NotFound);
    admin.client.remove_member(demo, id(&guest)).await.expect("removed");
    refused(guest.client.accept_invite(offered).await, ErrorCode::NotFound);
    assert_eq!(role_of(&admin, &guest).await, None);

    // One that expired before is not sent again to somebody who is a member by now.
    let expired = invite_guest(&admin).await.id;
    parts.execute("UPDATE organization_invites SET status = 'expired'").await;
    operator.client.set_member(demo, id(&guest), Role::User).await.expect("a member");
    long_ago(&parts).await;
    refused(admin.client.resend_invite(expired).await, ErrorCode::AlreadyMember);
    admin.client.remove_member(demo, id(&guest)).await.expect("removed");
    admin.client.resend_invite(expired).await.expect("no member any more");

    for _ in 0..2 {
        guest.client.accept_invite(expired).await.expect("accepted");
    }
    guest.client.remove_member(demo, id(&guest)).await.expect("left");
    refused(guest.client.accept_invite(expired).await, ErrorCode::NotFound);
    assert_eq!(role_of(&admin, &guest).await, None);
}

async fn an_address_without_account_finds_its_invite(parts: Parts) {
    let daemon = Daemon::start_empty(&parts).await;
    let (admin, mut guest) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "guest").await);
    admin.client.sign_up(&first_sign_in(&admin, "admin@happening.test")).await.expect("signed up");
    let invite = invite_guest(&admin).await;
    assert_eq!(invite.organization_name, "org-of-admin", "the inviter's own");
    refused(guest.client.accept_invite(invite.id).await, ErrorCode::Forbidden);
    let signed_up = guest.client.sign_up(&first_sign_in(&guest, "guest@happening.test")).await;
    guest.user = Some(signed_up.expect("signed up").id);
    let pending = guest.client.pending_invites(id(&guest)).await.expect("a list");
    assert_eq!(pending.iter().map(|one| one.id).collect::<Vec<_>>(), [invite.id]);
    guest.client.accept_invite(invite.id).await.expect("accepted");
    let own = guest.client.organizations_of(id(&guest)).await.expect("organizations");
    let roles: Vec<_> = own.iter().map(|one| (one.name.as_str(), one.role)).collect();
    assert_eq!(roles, [("org-of-guest", Role::OrgAdmin), ("org-of-admin", Role::User)]);
}

async fn invites_are_checked_before_anybody_is_invited(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let cases = [
        json!({ "email": "new@happening.test" }),
        json!({ "role": "user" }),
        json!({ "email": "new@happening.test", "role": "emperor" }),
        json!({ "email": "nobody", "role": "user" }),
        json!({ "email": "a b@happening.test", "role": "user" }),
        json!({ "email": "new@happening.test\u{0}", "role": "user" }),
        json!({ "email": "new@happening.test", "role": "user", "message": "\u{1b}[2J" }),
        json!({ "email": "new@happening.test", "role": "user", "message": "x".repeat(1_001) }),
        json!({ "email": "new@happening.test", "role": "user", "organization_id": "1" }),
        json!({ "email": "new@happening.test", "role": "user", "token": "mine" }),
    ];
    for body in cases {
        let answer = raw.send(Method::POST, "/org-invites/send", &admin.token, body.to_string()).await;
        answer.problem(&body.to_string(), 400, "validation_failed");
    }
    let demo = demo_organization(&admin).await;
    assert_eq!(admin.client.invites_of(demo).await.expect("a list"), []);
}

/// Only the real Keycloak has somebody whose address nobody verified.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unverified_address_is_not_believed_unless_told_so() {
    let (parts, keycloak) = (Parts::real().await, Keycloak::administered());
    let (name, subject) = keycloak.account(json!({ "emailVerified": false })).await;
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let mut person = sign_in(&daemon, &name).await;
    let email = format!("{name}@happening.test");
    person.user = Some(person.client.sign_up(&first_sign_in(&person, &email)).await.expect("signed up").id);
    let invite = admin.client.send_invite(&to(&email, Role::User)).await.expect("an invite").invite;
    assert_eq!(person.client.pending_invites(id(&person)).await.expect("a list"), []);
    let received = async |person: &Signed| {
        let data = person.client.export_user(id(person)).await.expect("one's own");
        data.invites_received.into_iter().map(|invite| invite.id).collect::<Vec<_>>()
    };
    assert_eq!(received(&person).await, []);
    for verb in ["accept", "reject"] {
        let refusal: Value =
            answer(&raw, verb, invite.id, &person).await.problem("unverified", 403, "forbidden");
        assert!(refusal["detail"].as_str().expect("text").contains("not verified"), "{refusal}");
    }
    let trusting = Daemon::start_on(&parts, 0, &[("OIDC_TRUST_UNVERIFIED_EMAIL", "true")]).await;
    let person = sign_in(&trusting, &name).await;
    assert_eq!(person.client.pending_invites(id(&person)).await.expect("a list").len(), 1);
    assert_eq!(received(&person).await, [invite.id]);
    // Whoever goes without having proved it leaves what is to that address.
    let distrusting = daemon.client(person.token.clone());
    distrusting.erase_user(id(&person), EraseUser { keycloak_account: false }).await.expect("erased");
    let all = admin.client.invites_of(invite.organization_id).await.expect("a list");
    let left: Vec<_> = all.iter().map(|one| (one.id, one.email.as_str(), one.status)).collect();
    assert_eq!(left, [(invite.id, email.as_str(), InviteStatus::Pending)]);
    // `iat` is in whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut person = sign_in(&trusting, &name).await;
    person.user = Some(person.client.sign_up(&first_sign_in(&person, &email)).await.expect("signed up").id);
    person.client.accept_invite(invite.id).await.expect("accepted");
    keycloak.delete_account(&subject).await;
}
