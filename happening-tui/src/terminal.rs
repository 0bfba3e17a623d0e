//! The terminal, and that it is given back as it was: when the run ends, when it fails, and when it panics.

use crate::theme::Background;
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use std::io::{self, Stdout, stdout};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use terminal_colorsaurus::{QueryOptions, background_color};
use tokio_util::sync::CancellationToken;

/// How long the terminal is waited for. Those that know no such question answer the one that is sent after it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Asks the terminal for its background (OSC 11). Must be done before its input is read: an answer that comes later is
/// swallowed by [`crate::late`].
pub fn background() -> Option<Background> {
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    let lightness = background_color(options).ok()?.perceived_lightness();
    Some(if lightness > 0.5 { Background::Light } else { Background::Dark })
}

/// The terminal while it is ours.
pub struct Screen {
    /// Its own Drop complains on stderr where the cursor cannot be shown again, which panics once stderr has gone the
    /// way of the terminal. The guard does all that it would do.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    mouse: bool,
    /// What is on it.
    shown: Buffer,
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
        // From here on Drop is what gives it back.
        let guard = Guard;
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide)?;
        let terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(stdout()))?);
        Ok(Self { terminal, mouse: true, shown: Buffer::default(), _guard: guard })
    }

    /// Puts a text into the clipboard, by the terminal (OSC 52): over SSH it is the one of the machine that one sits at.
    pub fn copy(text: &str) -> io::Result<()> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub fn mouse(&mut self, ours: bool) -> io::Result<()> {
        self.mouse = ours;
        if ours { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
    }

    /// Gives the terminal back and stops, until the shell goes on with this process; then takes it again.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)?;
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide, Clear(ClearType::All))?;
        self.mouse(self.mouse)?;
        // Nothing is on it any more. `Terminal::clear` would ask for the cursor's position, and the answer goes to whoever
        // reads the keys.
        self.shown = Buffer::default();
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws one frame. Where it is as the one before, nothing is sent to the terminal.
    pub fn draw(&mut self, view: impl FnOnce(&mut ratatui::Frame)) -> io::Result<()> {
        self.terminal.autoresize()?;
        view(&mut self.terminal.get_frame());
        if *self.terminal.current_buffer_mut() == self.shown {
            self.terminal.current_buffer_mut().reset();
            return Ok(());
        }
        self.shown.clone_from(self.terminal.current_buffer_mut());
        self.terminal.flush()?;
        self.terminal.swap_buffers();
        self.terminal.backend_mut().flush()
    }
}

/// Whoever drops it gives the terminal back.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, once: leaving the alternate screen twice takes the cursor back to where it was before, and the
/// shell would write over what a panic has said. A terminal that is gone cannot be helped.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _gone = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _gone = disable_raw_mode();
}
