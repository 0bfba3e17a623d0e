//! A connection whose client must read what it is sent: one that takes nothing for a while is cut off. Otherwise whoever
//! asks for much and reads nothing keeps the answer in memory, and a connection, for as long as it likes.
//!
//! Any progress begins the time anew, so a slow reader is served to the end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A stream with a deadline for writes that make no progress.
pub(super) struct Patient<S> {
    stream: S,
    patience: Option<Duration>,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// `None` waits for ever.
    pub(super) fn new(stream: S, patience: Option<Duration>) -> Self {
        Self { stream, patience, stalled: None }
    }

    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let Some(patience) = self.patience else { return written };
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// Longer than anything here takes.
    const LONG: Duration = Duration::from_mins(1);
    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn whoever_reads_nothing_is_cut_off() {
        let (ours, _theirs) = tokio::io::duplex(4_096);
        let started = tokio::time::Instant::now();
        let error = Patient::new(ours, Some(SHORT)).write_all(&[0; 10_000]).await.expect_err("cut off");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() >= SHORT, "not before the deadline");
    }

    #[tokio::test]
    async fn each_progress_begins_the_time_anew() {
        let (ours, mut theirs) = tokio::io::duplex(4_096);
        let mut ours = Patient::new(ours, Some(LONG));
        let mut some = [0; 512];
        for _ in 0..3 {
            // Full: the time runs.
            assert!(tokio::time::timeout(SHORT, ours.write_all(&[0; 10_000])).await.is_err());
            assert!(ours.stalled.is_some());
            theirs.read_exact(&mut some).await.expect("more");
            ours.write_all(&[0; 512]).await.expect("room again");
            assert!(ours.stalled.is_none());
        }
    }

    #[tokio::test]
    async fn whoever_reads_slowly_is_served_to_the_end() {
        let (ours, mut theirs) = tokio::io::duplex(4_096);
        let reading = async {
            let (mut read, mut some) = (0, [0; 512]);
            while read < 10_000 {
                tokio::time::sleep(Duration::from_millis(1)).await;
                read += theirs.read(&mut some).await.expect("more");
            }
            read
        };
        let mut ours = Patient::new(ours, Some(LONG));
        let (written, read) = tokio::join!(ours.write_all(&[0; 10_000]), reading);
        assert!(written.is_ok() && read == 10_000);
    }

    #[tokio::test]
    async fn without_a_deadline_nobody_is_cut_off() {
        let (ours, _theirs) = tokio::io::duplex(4_096);
        let mut ours = Patient::new(ours, None);
        assert!(tokio::time::timeout(SHORT, ours.write_all(&[0; 10_000])).await.is_err(), "still waiting");
        assert!(ours.stalled.is_none());
    }
}
