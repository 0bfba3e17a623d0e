//! What is stored about a person, and forgetting them.

use crate::service::Error;
use crate::service::testing::ErasureConflict;
use crate::store::contract::kit::{Kit, at, by, new_user, terms};
use crate::store::{Actor, Erasure, NewInvite, NewUser, OpenBooking, PastErasure, UserFilter};
use crate::testing::{TestStore, on_every_store};
use happening_core::booking::Terms;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{BookingStatus, ErrorCode, EventStatus, OrganizationSettings, Role, SeatStatus};

on_every_store!(
    the_export_holds_all_of_one_person,
    an_export_leaves_out_what_is_of_others,
    an_erased_person_names_nobody,
    erasing_ends_memberships_and_closes_what_was_theirs_alone,
    the_last_org_admin_of_others_is_not_erased,
    an_organization_with_events_to_come_is_not_closed,
    an_erased_subject_is_remembered_for_a_while,
    whoever_comes_back_is_somebody_new,
    open_bookings_are_those_still_to_take_place,
    a_member_made_while_being_erased_is_none,
);

fn erasure(user: UserId) -> Erasure {
    Erasure { user, subject_hash: format!("hash of {user}"), email: None, account: false }
}

fn past(seconds: i64) -> PastErasure {
    PastErasure { at: at(seconds), suspended: false }
}

async fn erased(kit: &Kit, user: UserId, seconds: i64) {
    let actor = Actor { user: Some(user), ..by(at(seconds)) };
    assert_eq!(kit.erase_user(&erasure(user), &actor).await.expect("erased"), None);
}

async fn join(kit: &Kit, name: &str, role: Role) -> UserId {
    let user = kit.person(name).await;
    assert!(kit.set_member(kit.organization, user, role, &by(at(2))).await.expect("set"));
    user
}

async fn invite(kit: &Kit, email: &str, invited_by: UserId) -> NewInvite {
    let new = NewInvite {
        id: kit.ids.invite(),
        organization: kit.organization,
        email: email.to_owned(),
        user: None,
        role: Role::User,
        invited_by,
        token_hash: kit.ids.secret(),
        message: Some("from me to you".to_owned()),
        expires_at: at(1_000),
    };
    kit.create_invite(&new, &by(at(3))).await.expect("an invite");
    new
}

async fn the_export_holds_all_of_one_person(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let own = invite(&kit, "ada@example.org", kit.organizer).await;
    let actor = Actor { user: Some(ada), ..by(at(4)) };
    assert!(kit.accept_invite(own.id, ada, &actor).await.expect("accepted"));
    let sent = invite(&kit, "bert@example.org", ada).await;
    let mut event = kit.event(terms(5)).await;
    let booking = event.book(ada, 2);
    let mut batch = kit.batch(5);
    event.draft(&mut batch);
    batch.notifications.push(kit.notification(event.id, ada, booking));
    batch.history.push(crate::store::HistoryRow {
        booking,
        event: event.id,
        actor: Some(ada),
        action: "booked",
        seats: 2,
        reason: Some("why not".to_owned()),
    });
    kit.store.commit(&batch).await.expect("a commit");

    let by = Actor { user: Some(ada), ..by(at(9)) };
    let data = kit.store.export_user(ada, None, &by).await.expect("readable").expect("a person");
    assert_eq!((data.exported_at, data.user.username.as_str()), (at(9), "ada"));
    assert_eq!(data.memberships.len(), 1);
    assert_eq!(data.memberships[0].organization_name, "org-of-olga");
    let [exported] = data.bookings.as_slice() else { panic!("{:?}", data.bookings) };
    assert_eq!((exported.booking.booking_id, exported.booking.status), (booking, BookingStatus::Confirmed));
    let seats: Vec<_> = exported.seat_numbers.iter().map(|seat| (seat.seat_no, seat.status)).collect();
    assert_eq!(seats, [(1, SeatStatus::Booked), (2, SeatStatus::Booked)]);
    let [step] = exported.history.as_slice() else { panic!("{:?}", exported.history) };
    assert_eq!((step.action.as_str(), step.seats, step.actor_id), ("booked", 2, Some(ada)));
    assert_eq!(data.notifications.len(), 1);
    let ids = |invites: &[happening_core::wire::Invite]| invites.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!((ids(&data.invites_sent), ids(&data.invites_received)), (vec![sent.id], vec![own.id]));
    let did: Vec<_> = data.audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(did, ["invite.accepted", "member.added"], "newest first");
    let logged = kit.db.texts("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1").await;
    assert_eq!(logged, ["user.exported"]);
}

async fn an_export_leaves_out_what_is_of_others(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bert) = (join(&kit, "ada", Role::User).await, join(&kit, "bert", Role::User).await);
    let mut event = kit.event(terms(5)).await;
    event.book(bert, 2);
    kit.commit(5, &mut [&mut event]).await;
    invite(&kit, "carl@example.org", kit.organizer).await;
    let data = kit.store.export_user(ada, None, &by(at(9))).await.expect("readable").expect("a person");
    assert_eq!((data.bookings.len(), data.notifications.len(), data.audit.len()), (0, 0, 0));
    assert_eq!((data.invites_sent.len(), data.invites_received.len()), (0, 0));
    assert_eq!(kit.store.export_user(kit.ids.user(), None, &by(at(9))).await.expect("readable"), None);
}

async fn an_erased_person_names_nobody(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.ids.user();
    let new = NewUser {
        email: "Ada@example.org".to_owned(),
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        phone: Some("0123-ada".to_owned()),
        avatar_url: Some("https://example.org/ada.png".to_owned()),
        ..new_user(ada, "ada.lovelace")
    };
    kit.rules().create_user(&new, None, &by(at(0))).await.expect("a user");
    let answered = invite(&kit, "ada@example.org", kit.organizer).await;
    kit.accept_invite(answered.id, ada, &by(at(4))).await.expect("accepted");
    let second = kit.ids.organization();
    let settings = OrganizationSettings::default();
    kit.rules().create_organization(second, "Two", &settings, kit.organizer, &by(at(4))).await.expect("made");
    let open =
        NewInvite { organization: second, id: kit.ids.invite(), token_hash: "t2".to_owned(), ..answered };
    kit.create_invite(&open, &by(at(5))).await.expect("an open invite");
    invite(&kit, "bert@example.org", ada).await;

    let by_ada = Actor { user: Some(ada), ..by(at(9)) };
    let erase = Erasure { account: true, email: Some("ada@example.org".to_owned()), ..erasure(ada) };
    assert_eq!(kit.erase_user(&erase, &by_ada).await.expect("erased"), None);

    let left = "SELECT username || ' ' || email || ' ' || keycloak_id || coalesce(first_name, '') || \
                coalesce(last_name, '') || coalesce(phone, '') || coalesce(avatar_url, '') || ' ' || status \
                FROM users WHERE erased_at IS NOT NULL";
    let expected = format!("erased-{ada} erased-{ada}@invalid erased:{ada} suspended");
    assert_eq!(kit.db.texts(left).await, [expected]);
    assert_eq!(kit.store.find_user(ada).await.expect("readable"), None);
    assert_eq!(kit.store.find_user_by_subject("sub-ada.lovelace").await.expect("readable"), None);
    let erased = UserFilter { text: "erased".to_owned(), status: None, after: None, limit: 50, among: None };
    assert_eq!(kit.store.search_users(&erased).await.expect("readable"), []);
    assert_eq!(kit.store.export_user(ada, None, &by(at(10))).await.expect("readable"), None);
    let addresses = "SELECT email FROM organization_invites WHERE lower(email) LIKE '%ada%'";
    assert_eq!(kit.db.texts(addresses).await, Vec::<String>::new(), "neither open nor answered");
    let words = "SELECT email FROM organization_invites WHERE message IS NULL ORDER BY email";
    let to_her = format!("erased-{ada}@invalid");
    let wordless = ["bert@example.org".to_owned(), to_her];
    assert_eq!(kit.db.texts(words).await, wordless, "neither what they wrote nor what was written to them");
    assert_eq!(kit.store.find_invite(open.id).await.expect("readable"), None, "taken back");
    let tasks = "SELECT subject FROM keycloak_tasks WHERE kind = 'account'";
    assert_eq!(kit.db.texts(tasks).await, ["sub-ada.lovelace"]);
    let logged = "SELECT action FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(kit.db.texts(logged).await, ["user.erased"]);
    assert_eq!(kit.erase_user(&erase, &by(at(11))).await.expect("harmless"), None);
    assert_eq!(kit.db.texts("SELECT action FROM audit_log WHERE action = 'user.erased'").await.len(), 1);
}

async fn founded(kit: &Kit, founder: UserId) -> OrganizationId {
    let id = kit.ids.organization();
    let settings = OrganizationSettings::default();
    kit.rules().create_organization(id, "Theirs", &settings, founder, &by(at(3))).await.expect("made");
    id
}

async fn erasing_ends_memberships_and_closes_what_was_theirs_alone(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = join(&kit, "ada", Role::OrgAdmin).await;
    let own = founded(&kit, ada).await;
    let of_own = NewInvite { organization: own, ..invite(&kit, "x@example.org", ada).await };
    let of_own = NewInvite { id: kit.ids.invite(), token_hash: "own".to_owned(), ..of_own };
    kit.create_invite(&of_own, &by(at(4))).await.expect("an invite");
    kit.db.execute("DELETE FROM keycloak_tasks").await.expect("told so far");
    erased(&kit, ada, 9).await;
    assert_eq!(kit.store.find_role(ada, kit.organization).await.expect("readable"), None);
    assert_eq!(kit.store.find_role(ada, own).await.expect("readable"), None);
    let closed = kit.db.texts("SELECT name FROM organizations WHERE deleted_at IS NOT NULL").await;
    assert_eq!(closed, [format!("erased-{own}")], "and no other");
    assert_eq!(kit.db.texts("SELECT email FROM organization_invites").await, ["x@example.org"]);
    let told = kit.db.texts("SELECT subject FROM keycloak_tasks WHERE kind = 'member'").await;
    assert_eq!(told, ["sub-ada", "sub-ada"], "by the subject that Keycloak knows");
    let logged = "SELECT action FROM audit_log WHERE action IN ('member.removed', 'organization.deleted') ORDER BY action";
    assert_eq!(kit.db.texts(logged).await, ["member.removed", "member.removed", "organization.deleted"]);
}

async fn the_last_org_admin_of_others_is_not_erased(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = join(&kit, "ada", Role::Organizer).await;
    let conflict = Some(ErasureConflict::LastOrgAdmin(kit.organization));
    assert_eq!(kit.find_erasure_conflict(kit.organizer, at(5)).await.expect("readable"), conflict);
    let asked = kit.erase_user(&erasure(kit.organizer), &by(at(5))).await.expect("asked");
    assert_eq!(asked, conflict);
    let olga = kit.store.find_user(kit.organizer).await.expect("readable").expect("still there");
    assert_eq!(olga.username, "olga");
    assert_eq!(kit.find_erasure_conflict(ada, at(5)).await.expect("readable"), None);
    kit.set_member(kit.organization, ada, Role::OrgAdmin, &by(at(6))).await.expect("set");
    assert_eq!(kit.find_erasure_conflict(kit.organizer, at(7)).await.expect("readable"), None);
    erased(&kit, kit.organizer, 8).await;
}

async fn an_organization_with_events_to_come_is_not_closed(db: TestStore) {
    let kit = Kit::new(db).await;
    kit.event(terms(5)).await;
    let starts = 86_400;
    let conflict = Some(ErasureConflict::UpcomingEvents(kit.organization, 1));
    assert_eq!(kit.find_erasure_conflict(kit.organizer, at(5)).await.expect("readable"), conflict);
    let asked = kit.erase_user(&erasure(kit.organizer), &by(at(5))).await.expect("asked");
    assert_eq!(asked, conflict);
    assert_eq!(
        kit.find_erasure_conflict(kit.organizer, at(starts)).await.expect("readable"),
        None,
        "it is over"
    );
    kit.db.execute("UPDATE events SET status = 'ongoing'").await.expect("it goes on");
    assert_eq!(kit.find_erasure_conflict(kit.organizer, at(starts)).await.expect("readable"), conflict);
    kit.db.execute("UPDATE events SET status = 'cancelled'").await.expect("cancelled");
    erased(&kit, kit.organizer, 6).await;
}

async fn an_erased_subject_is_remembered_for_a_while(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    let hash = erasure(ada).subject_hash;
    assert_eq!(kit.store.find_erasure(&hash).await.expect("readable"), None);
    erased(&kit, ada, 9).await;
    assert_eq!(kit.store.find_erasure(&hash).await.expect("readable"), Some(past(9)));
    kit.store.forget_erasures(at(9)).await.expect("asked");
    assert_eq!(kit.store.find_erasure(&hash).await.expect("readable"), Some(past(9)));
    kit.store.forget_erasures(at(10)).await.expect("forgotten");
    assert_eq!(kit.store.find_erasure(&hash).await.expect("readable"), None);
}

async fn whoever_comes_back_is_somebody_new(db: TestStore) {
    let kit = Kit::new(db).await;
    let ada = kit.person("ada").await;
    erased(&kit, ada, 9).await;
    let again = kit.person("ada").await;
    assert_ne!(ada, again);
    let found = kit.store.find_user_by_subject("sub-ada").await.expect("readable").expect("a user");
    assert_eq!((found.id, found.username.as_str()), (again, "ada"));
    let erase = Erasure { subject_hash: erasure(ada).subject_hash, ..erasure(again) };
    assert_eq!(kit.erase_user(&erase, &by(at(20))).await.expect("erased"), None, "and may go again");
    assert_eq!(kit.store.find_erasure(&erase.subject_hash).await.expect("readable"), Some(past(20)));
}

async fn open_bookings_are_those_still_to_take_place(db: TestStore) {
    let kit = Kit::new(db).await;
    let (ada, bert) = (kit.person("ada").await, kit.person("bert").await);
    let mut event = kit.event(terms(2)).await;
    let (confirmed, waiting, other) = (event.book(ada, 1), event.book(ada, 2), event.book(bert, 1));
    let mut past = kit.event(Terms { starts_at: at(3), ..terms(2) }).await;
    past.book(ada, 1);
    let mut cancelled = kit.event(Terms { status: EventStatus::Cancelled, ..terms(2) }).await;
    kit.commit(5, &mut [&mut event, &mut past]).await;
    let gone = event.book(ada, 1);
    kit.commit(6, &mut [&mut event]).await;
    event.cancel(gone);
    kit.commit(7, &mut [&mut event]).await;
    cancelled.changes.clear();
    let open = |booking, user| OpenBooking { booking, event: event.id, user };
    let listed = kit.store.list_open_bookings(ada, at(10)).await.expect("readable");
    assert_eq!(listed, [open(confirmed, ada), open(waiting, ada)]);
    assert_eq!(kit.store.list_open_bookings(ada, at(90_000)).await.expect("readable"), []);
    assert_eq!(kit.store.list_abandoned_bookings(at(0), at(10)).await.expect("readable"), []);
    erased(&kit, bert, 20).await;
    let abandoned = kit.store.list_abandoned_bookings(at(20), at(21)).await.expect("readable");
    assert_eq!(abandoned, [open(other, bert)]);
    assert_eq!(kit.store.list_abandoned_bookings(at(21), at(21)).await.expect("readable"), []);
}

/// Whichever comes first: an erased person is nobody's member.
async fn a_member_made_while_being_erased_is_none(db: TestStore) {
    let kit = Kit::new(db).await;
    for round in 0..8 {
        let ada = kit.person(&format!("ada{round}")).await;
        let actor = by(at(9));
        let erase = erasure(ada);
        let (made, gone) = tokio::join!(
            kit.set_member(kit.organization, ada, Role::User, &actor),
            kit.erase_user(&erase, &actor)
        );
        // Who loses against the other is told to try again.
        let undecided = |error: &Error| error.code == ErrorCode::Unavailable;
        assert!(made.as_ref().map_or_else(undecided, |_| true), "{made:?}");
        if gone.as_ref().is_err_and(undecided) {
            erased(&kit, ada, 10).await;
        }
        assert_eq!(kit.store.find_role(ada, kit.organization).await.expect("readable"), None);
    }
}
