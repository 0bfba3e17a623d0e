//! What is a person's, and what is left of them: addresses that they only claim, their own organization, a suspension.

use crate::idempotency::Fingerprint;
use crate::store::contract::kit::{Kit, at, by, new_user, terms};
use crate::store::{
    Actor, AnswerRow, Erasure, KeptAnswer, NewEvent, NewInvite, NewUser, PastErasure, subject_hash,
};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::{Amendment, Command};
use happening_core::id::{InviteId, UserId};
use happening_core::wire::{AuditQuery, BookingStatus, Role, UpdateSettings, User, UserStatus};
use std::collections::BTreeMap;

on_every_store!(
    what_waits_for_an_address_is_nobodys_who_only_claims_it,
    what_waits_for_a_proven_address_goes_and_is_written_down,
    a_closed_organization_says_nothing_of_its_founder,
    whoever_was_suspended_comes_back_suspended,
    messages_to_and_from_an_erased_person_go,
    kept_answers_about_an_erased_person_go,
    an_erased_person_leaves_every_line_with_the_erasure,
    the_export_holds_what_they_organize_and_what_others_did_to_them,
);

const BOSS: &str = "boss@example.org";

async fn erase(kit: &Kit, user: UserId, email: Option<&str>, seconds: i64) {
    let person = kit.store.find_user(user).await.expect("readable").expect("somebody");
    let erasure = Erasure {
        user,
        subject_hash: subject_hash(&person.keycloak_id),
        email: email.map(str::to_owned),
        account: false,
    };
    let actor = Actor { user: Some(user), ..by(at(seconds)) };
    assert_eq!(kit.erase_user(&erasure, &actor).await.expect("erased"), None);
}

async fn invite_boss(kit: &Kit) -> InviteId {
    let new = NewInvite {
        id: kit.ids.invite(),
        organization: kit.organization,
        email: BOSS.to_owned(),
        user: None,
        role: Role::OrgAdmin,
        invited_by: kit.organizer,
        token_hash: kit.ids.secret(),
        message: None,
        expires_at: at(1_000),
    };
    kit.create_invite(&new, &by(at(3))).await.expect("an invite");
    new.id
}

async fn received(kit: &Kit, user: UserId, email: Option<&str>) -> Vec<InviteId> {
    let data = kit.store.export_user(user, email, &by(at(9))).await.expect("readable").expect("a person");
    data.invites_received.into_iter().map(|invite| invite.id).collect()
}

async fn what_waits_for_an_address_is_nobodys_who_only_claims_it(db: TestStore) {
    let kit = Kit::new(db).await;
    let boss = kit.person("boss").await;
    let waiting = invite_boss(&kit).await;
    assert_eq!(received(&kit, boss, None).await, []);
    assert_eq!(received(&kit, boss, Some(BOSS)).await, [waiting]);
    erase(&kit, boss, None, 10).await;
    let kept = kit.store.find_invite(waiting).await.expect("readable").expect("it waits");
    assert_eq!(kept.email, BOSS, "for whoever has the address");

    // What somebody answered is theirs, whatever the address.
    let other = kit.person("boss").await;
    assert!(kit.reject_invite(waiting, other, &by(at(11))).await.expect("rejected"));
    assert_eq!(received(&kit, other, None).await, [waiting]);
    erase(&kit, other, None, 12).await;
    let answered = kit.store.find_invite(waiting).await.expect("readable").expect("it stays");
    assert_eq!(answered.email, format!("erased-{other}@invalid"));
}

async fn what_waits_for_a_proven_address_goes_and_is_written_down(db: TestStore) {
    let kit = Kit::new(db).await;
    let boss = kit.person("boss").await;
    let waiting = invite_boss(&kit).await;
    erase(&kit, boss, Some(BOSS), 10).await;
    assert_eq!(kit.store.find_invite(waiting).await.expect("readable"), None);
    let log = kit.store.list_audit(Some(kit.organization), &AuditQuery::default()).await.expect("readable");
    let last = &log[0];
    assert_eq!((last.action.as_str(), last.actor_id), ("invite.revoked", Some(boss)));
    assert_eq!(last.target.id, waiting.to_string());
}

async fn a_closed_organization_says_nothing_of_its_founder(db: TestStore) {
    let kit = Kit::new(db).await;
    let settings =
        UpdateSettings { contact: Some(Some("olga@example.org".to_owned())), ..UpdateSettings::default() };
    let (name, by) = (Some("Olga's House"), by(at(4)));
    for name in [None, name] {
        let updated =
            kit.rules().update_organization(kit.organization, None, name, Some(&settings), &by).await;
        updated.expect("updated");
    }
    invite_boss(&kit).await;
    erase(&kit, kit.organizer, None, 10).await;
    let left = "SELECT name || ' ' || coalesce(domain, 'none') || ' ' || settings FROM organizations";
    assert_eq!(kit.db.texts(left).await, [format!("erased-{} none {{}}", kit.organization)]);
    let telling = "SELECT action FROM audit_log WHERE lower(coalesce(old_value, '') || coalesce(new_value, '')) \
                   LIKE '%olga%'";
    assert_eq!(kit.db.texts(telling).await, [""; 0], "nor does the log");
    let taken_back = "SELECT action FROM audit_log WHERE action = 'invite.revoked'";
    assert_eq!(kit.db.texts(taken_back).await.len(), 1);
}

async fn signed_up(kit: &Kit) -> User {
    let user = kit.person("ada").await;
    kit.store.find_user(user).await.expect("readable").expect("a user")
}

async fn whoever_was_suspended_comes_back_suspended(db: TestStore) {
    let kit = Kit::new(db).await;
    let hash = subject_hash("sub-ada");
    let ada = signed_up(&kit).await;
    assert_eq!(ada.status, UserStatus::Active);
    assert!(kit.rules().set_user_status(ada.id, UserStatus::Suspended, &by(at(5))).await.expect("set"));
    erase(&kit, ada.id, None, 10).await;
    kit.store.forget_erasures(at(1_000_000)).await.expect("asked");
    let past = kit.store.find_erasure(&hash).await.expect("readable");
    assert_eq!(past, Some(PastErasure { at: at(10), suspended: true }), "kept for good");

    let again = signed_up(&kit).await;
    assert_eq!(again.status, UserStatus::Suspended);
    let logged = "SELECT new_value FROM audit_log WHERE action = 'user.signed_up' AND new_value IS NOT NULL";
    assert_eq!(kit.db.texts(logged).await, [r#"{"status":"suspended"}"#]);
    let other = new_user(kit.ids.user(), "bert");
    kit.rules().create_user(&other, None, &by(at(11))).await.expect("a user");
    let other = kit.store.find_user(other.id).await.expect("readable").expect("a user");
    assert_eq!(other.status, UserStatus::Active, "and nobody else");

    // Whoever was let in again goes and comes as anybody.
    assert!(kit.rules().set_user_status(again.id, UserStatus::Active, &by(at(12))).await.expect("set"));
    erase(&kit, again.id, None, 13).await;
    let past = kit.store.find_erasure(&hash).await.expect("readable");
    assert_eq!(past, Some(PastErasure { at: at(13), suspended: false }));
    assert_eq!(signed_up(&kit).await.status, UserStatus::Active);
}

async fn the_export_holds_what_they_organize_and_what_others_did_to_them(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let olga = Actor {
        user: Some(kit.organizer),
        address: Some("192.0.2.7".parse().expect("an address")),
        request_id: Some("r-1".to_owned()),
        now: at(2),
    };
    assert!(kit.set_member(kit.organization, ada, Role::Organizer, &olga).await.expect("set"));
    let own = NewEvent { created_by: ada, ..kit.new_event("Evening", terms(3)) };
    assert!(kit.rules().create_event(&own, &by(at(3))).await.expect("published"));
    let mut others = kit.event(terms(3)).await;
    others.ask(&Command::Amend(Amendment { delete: true, ..Amendment::default() }));
    kit.commit(4, &mut [&mut others]).await;
    let export = async |user| {
        let by = Actor { user: Some(user), ..by(at(9)) };
        kit.store.export_user(user, None, &by).await.expect("readable").expect("a person")
    };
    let data = export(ada).await;
    let events: Vec<_> = data.events.iter().map(|event| (event.id, event.description.as_deref())).collect();
    assert_eq!(events, [(own.id, Some("About Evening."))]);
    let about: Vec<_> =
        data.audit_about.iter().map(|entry| (entry.action.as_str(), entry.actor_id)).collect();
    assert_eq!(about, [("member.added", Some(kit.organizer)), ("user.signed_up", None)]);
    assert!(data.audit_about.iter().all(|entry| entry.address.is_none() && entry.request_id.is_none()));
    assert_eq!(data.audit, []);
    let data = export(kit.organizer).await;
    assert_eq!(data.events.iter().map(|event| event.id).collect::<Vec<_>>(), [others.id], "deleted ones too");
    // What they did to themselves is among what they did.
    let again = export(kit.organizer).await;
    assert!(again.audit.iter().any(|entry| entry.action == "user.exported"));
    assert!(again.audit_about.iter().all(|entry| entry.action != "user.exported"));
}

async fn messages_to_and_from_an_erased_person_go(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bert) = (kit.person("ada").await, kit.person("bert").await);
    let invite = async |email: &str, by_whom: UserId, message: &str| {
        let new = NewInvite {
            id: kit.ids.invite(),
            organization: kit.organization,
            email: email.to_owned(),
            user: None,
            role: Role::User,
            invited_by: by_whom,
            token_hash: kit.ids.secret(),
            message: Some(message.to_owned()),
            expires_at: at(1_000),
        };
        kit.create_invite(&new, &by(at(3))).await.expect("an invite");
        new.id
    };
    let to_ada = invite("ada@example.org", kit.organizer, "Dear Ada").await;
    assert!(kit.reject_invite(to_ada, ada, &by(at(4))).await.expect("declined"));
    let to_bert = invite("bert@example.org", kit.organizer, "Dear Bert").await;
    assert!(kit.reject_invite(to_bert, bert, &by(at(4))).await.expect("declined"));
    let from_ada = invite("carl@example.org", ada, "From Ada").await;
    erase(&kit, ada, None, 10).await;
    let message = async |invite| {
        let found = kit.store.find_invite(invite).await.expect("readable").expect("an invite");
        found.message
    };
    assert_eq!((message(to_ada).await, message(from_ada).await), (None, None), "to them, and from them");
    assert_eq!(message(to_bert).await.as_deref(), Some("Dear Bert"), "and no other");
}

async fn kept_answers_about_an_erased_person_go(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.ids.user();
    let new = NewUser { email: "Ada_%\u{c4}@example.org".to_owned(), ..new_user(ada, "ada") };
    kit.rules().create_user(&new, None, &by(at(1))).await.expect("a user");
    let key = |name: &str| Fingerprint::of(&[b"ada"], &[name.as_bytes()], &[b"asked"]);
    let answers = [
        ("sign-up", format!("{{\"id\":\"{ada}\"}}"), false),
        ("invite", "{\"email\":\"ada_%\u{c4}@example.org\"}".to_owned(), false),
        ("as typed", "{\"email\":\"Ada_%\u{c4}@example.org\"}".to_owned(), false),
        ("another's", "{\"email\":\"adaxx\u{c4}@example.org\"}".to_owned(), true),
        ("nobody's", "{\"ok\":true}".to_owned(), true),
    ];
    for (name, body, _) in &answers {
        assert!(kit.store.reserve(&key(name), at(2), at(62)).await.expect("reserved"));
        let answer = KeptAnswer { status: 201, headers: BTreeMap::new(), body: body.clone() };
        assert!(kit.store.keep_answer(&key(name).key, at(62), &answer).await.expect("kept"));
    }
    // What the engine keeps has ids alone, and they name nobody any more.
    let mut event = kit.event(terms(3)).await;
    event.book(ada, 1);
    let mut batch = kit.batch(3);
    event.draft(&mut batch);
    let body = format!("{{\"user_id\":\"{ada}\"}}");
    batch.answers.push(AnswerRow { fingerprint: key("booking"), event: event.id, status: 201, body });
    kit.store.commit(&batch).await.expect("a commit");
    erase(&kit, ada, None, 10).await;
    for (name, _, is_kept) in &answers {
        let found = kit.store.find_answer(&key(name).key).await.expect("readable");
        assert_eq!(found.is_some(), *is_kept, "{name}");
    }
    assert!(kit.store.find_answer(&key("booking").key).await.expect("readable").is_some());
}

async fn an_erased_person_leaves_every_line_with_the_erasure(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    assert!(kit.set_member(kit.organization, ada, Role::User, &by(at(1))).await.expect("set"));
    let (mut one, mut other) = (kit.event(terms(1)).await, kit.event(terms(1)).await);
    let mut waits = Vec::new();
    for event in [&mut one, &mut other] {
        event.book(kit.organizer, 1);
        waits.push(event.book(ada, 1));
        event.book(kit.organizer, 1);
        kit.commit(2, &mut [event]).await;
    }
    assert_eq!(kit.store.list_lines(ada, None).await.expect("readable").len(), 2);
    erase(&kit, ada, None, 10).await;
    assert_eq!(kit.store.list_lines(ada, None).await.expect("readable"), []);
    for (booking, event) in waits.iter().zip([&one, &other]) {
        let found = kit.store.find_booking(*booking).await.expect("readable").expect("a booking");
        assert_eq!(
            (found.status, found.waiting_number, found.updated_at),
            (BookingStatus::Cancelled, None, at(10))
        );
        let history = kit.store.list_history(*booking).await.expect("readable");
        let last = history.last().expect("an entry");
        let entry = (last.action.as_str(), last.reason.as_deref(), last.at);
        assert_eq!(entry, ("left_waitlist", Some("the account was erased"), at(10)));
        let view = kit.store.find_event(event.id).await.expect("readable").expect("an event");
        assert_eq!((view.waiting, view.version), (1, 2));
    }
}
