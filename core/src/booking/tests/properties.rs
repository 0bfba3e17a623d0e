//! Commands at random, against the model.

use super::steps::{Step, limits, steps, terms};
use super::world::World;
use super::{booking, user};
use crate::booking::WaitlistPolicy;
use crate::booking::{EventState, Limits, Party};
use proptest::prelude::*;

fn run(terms: &crate::booking::Terms, limits: Limits, steps: &[Step]) {
    let mut world = World::new(terms, limits);
    for step in steps {
        world.step(step);
    }
    world.settle();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_the_rules_do_as_the_model_does(terms in terms(), limits in limits(), steps in steps(60)) {
        run(&terms, limits, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_long_life_changes_nothing_of_it(terms in terms(), limits in limits(), steps in steps(600)) {
        run(&terms, limits, &steps);
    }
}

proptest! {
    #[test]
    fn rows_that_contradict_each_other_are_no_state(seat in 1..=5u32, other in 1..=5u32, beyond in 6..20u32) {
        let terms = || super::terms(5, WaitlistPolicy::Split, 3);
        let restore = |rows: &[(u128, u32)]| {
            let rows = rows.iter().map(|(id, seat)| (booking(*id), user(*id), *seat));
            EventState::restore(terms(), 1, 1, Vec::new(), Vec::new(), rows, None::<Party>).map(|state| state.seats().taken())
        };
        let twice = restore(&[(1, seat), (2, other)]);
        prop_assert_eq!(twice, if seat == other { Err(seat) } else { Ok(2) });
        prop_assert_eq!(restore(&[(1, seat), (1, beyond)]), Err(beyond));
        prop_assert_eq!(restore(&[(1, 0)]), Err(0));
    }
}
