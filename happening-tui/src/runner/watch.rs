//! Listening to streams. They connect again by themselves.

use super::TaskContext;
use crate::message::{EVERYTHING, Message};
use crate::trouble::Trouble;
use happening_core::client::{Heard, LiveStream};
use happening_core::id::EventId;
use happening_core::wire::LiveMessage;
use std::sync::Arc;

/// What happens everywhere.
pub async fn everything(context: Arc<TaskContext>) {
    if let Some(client) = context.client() {
        listen(context, client.watch_everything(), EVERYTHING).await;
    }
}

/// What happens to an event.
pub async fn event(context: Arc<TaskContext>, watch: u32, event: EventId) {
    if let Some(client) = context.client() {
        listen(context, client.watch_event(event), watch).await;
    }
}

async fn listen(context: Arc<TaskContext>, mut stream: LiveStream, watch: u32) {
    loop {
        let heard = match stream.next().await {
            // Why a stream ends is no news: it is connected again.
            Ok(Heard::Message(LiveMessage::Closing { .. })) => continue,
            Ok(Heard::Message(message)) => Ok(message),
            Ok(Heard::Interrupted(error)) => Err(Trouble::from(&error)),
            Err(error) => {
                context.tell(Message::Heard { watch, heard: Err(Trouble::from(&error)) }).await;
                return;
            }
        };
        context.tell(Message::Heard { watch, heard }).await;
    }
}
