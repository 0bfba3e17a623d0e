//! Listening to streams. They connect again by themselves.

use super::Seat;
use crate::message::{EVERYTHING, Message};
use crate::trouble::Trouble;
use happening_core::client::{Heard, LiveStream};
use happening_core::id::EventId;
use happening_core::wire::LiveMessage;
use std::sync::Arc;

/// What happens everywhere.
pub async fn everything(seat: Arc<Seat>) {
    if let Some(client) = seat.client() {
        listen(seat, client.watch_everything(), EVERYTHING).await;
    }
}

/// What happens to an event.
pub async fn event(seat: Arc<Seat>, watch: u32, event: EventId) {
    if let Some(client) = seat.client() {
        listen(seat, client.watch_event(event), watch).await;
    }
}

async fn listen(seat: Arc<Seat>, mut stream: LiveStream, watch: u32) {
    loop {
        let heard = match stream.next().await {
            // Why a stream ends is no news: it is connected again.
            Ok(Heard::Message(LiveMessage::Closing { .. })) => continue,
            Ok(Heard::Message(message)) => Ok(message),
            Ok(Heard::Interrupted(error)) => Err(Trouble::from(&error)),
            Err(error) => {
                seat.tell(Message::Heard { watch, heard: Err(Trouble::from(&error)) }).await;
                return;
            }
        };
        seat.tell(Message::Heard { watch, heard }).await;
    }
}
