//! Listening to streams. They connect again by themselves.

use super::TaskContext;
use crate::message::{EVERYTHING, Message};
use crate::trouble::{Trouble, TroubleKind};
use happening_core::client::{ClientError, Heard, LiveStream};
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
            Ok(Heard::Interrupted(error)) => Err(interrupted(&error)),
            Err(error) => {
                context.tell(Message::Heard { watch, heard: Err(Trouble::from(&error)) }).await;
                return;
            }
        };
        context.tell(Message::Heard { watch, heard }).await;
    }
}

/// Why a stream is interrupted. It connects again by itself, however it ended; what refuses that ends it for good.
fn interrupted(error: &ClientError) -> Trouble {
    match Trouble::from(error) {
        trouble if trouble.kind == TroubleKind::Refused => Trouble { kind: TroubleKind::Away, ..trouble },
        trouble => trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_ends_is_no_error_for_anybody_to_dismiss() {
        let ended = ClientError::Broken("the stream ended".to_owned());
        assert_eq!(interrupted(&ended).kind, TroubleKind::Away);
        let expired = ClientError::NotSignedIn("expired".to_owned());
        assert_eq!(interrupted(&expired).kind, TroubleKind::SignedOut);
    }
}
