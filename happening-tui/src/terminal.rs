//! The terminal, and that it is given back as it was: when the run ends, when it fails, and when it panics.

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout, stdout};
use std::mem::ManuallyDrop;
use std::panic;
use tokio_util::sync::CancellationToken;

/// The terminal while it is ours.
pub struct Screen {
    /// Its own Drop complains on stderr where the cursor cannot be shown again, which panics once stderr has gone the
    /// way of the terminal. The guard does all that it would do.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    _guard: Guard,
}

impl Screen {
    /// Takes the terminal. A panic in any task gives it back before it is reported, and cancels `stop`, so that nothing
    /// goes on drawing over the report.
    pub fn take(stop: CancellationToken) -> io::Result<Self> {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            restore();
            stop.cancel();
            before(panic);
        }));
        enable_raw_mode()?;
        // From here on Drop is what gives it back.
        let guard = Guard;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        let terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(stdout()))?);
        Ok(Self { terminal, _guard: guard })
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws one frame.
    pub fn draw(&mut self, view: impl FnOnce(&mut ratatui::Frame)) -> io::Result<()> {
        self.terminal.draw(view).map(|_| ())
    }
}

/// Whoever drops it gives the terminal back.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back. Twice does no harm, and one that is gone cannot be helped.
fn restore() {
    let _gone = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _gone = disable_raw_mode();
}
