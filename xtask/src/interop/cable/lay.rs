//! A TCP cable: a port of its own in front of a door of the cloud. Cutting it ends every link at
//! once and refuses new ones; mending it opens the same port again.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::weather::{Way, Weather};

/// What is carried at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A cable; it is cut for good with the value.
pub(in crate::interop) struct Cable {
    near: SocketAddr,
    shared: Arc<Shared>,
    /// There while the port is open.
    keeper: Option<JoinHandle<()>>,
}

struct Shared {
    far: SocketAddr,
    weather: Arc<dyn Weather>,
    is_cut: AtomicBool,
    opened: AtomicU64,
    links: Mutex<HashMap<u64, [TcpStream; 2]>>,
}

impl Cable {
    /// Lays a cable to an address, in its family.
    ///
    /// # Errors
    /// If no port can be had.
    pub(in crate::interop) fn lay(far: SocketAddr, weather: Arc<dyn Weather>) -> io::Result<Self> {
        let loopback: IpAddr =
            if far.is_ipv6() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        let listener = TcpListener::bind((loopback, 0))?;
        let shared = Arc::new(Shared {
            far,
            weather,
            is_cut: AtomicBool::new(false),
            opened: AtomicU64::new(0),
            links: Mutex::new(HashMap::new()),
        });
        let near = listener.local_addr()?;
        let keeper = Some(keep(listener, Arc::clone(&shared)));
        Ok(Self { near, shared, keeper })
    }

    /// Where clients connect.
    pub(in crate::interop) fn address(&self) -> SocketAddr {
        self.near
    }

    /// Ends what runs over it; who calls now is refused.
    pub(in crate::interop) fn cut(&mut self) {
        self.shared.is_cut.store(true, Ordering::SeqCst);
        if let Some(keeper) = self.keeper.take() {
            // The keeper sits in `accept`; a call of our own wakes it.
            let _ = TcpStream::connect(self.near);
            let _ = keeper.join();
        }
        for ends in self.shared.links().values() {
            hang_up(ends);
        }
    }

    /// Opens the port again.
    ///
    /// # Errors
    /// If somebody else took it meanwhile.
    pub(in crate::interop) fn mend(&mut self) -> io::Result<()> {
        let listener = TcpListener::bind(self.near)?;
        self.shared.is_cut.store(false, Ordering::SeqCst);
        self.keeper = Some(keep(listener, Arc::clone(&self.shared)));
        Ok(())
    }

    /// How many links were opened over it so far.
    pub(in crate::interop) fn links_opened(&self) -> u64 {
        self.shared.opened.load(Ordering::SeqCst)
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Shared {
    fn links(&self) -> MutexGuard<'_, HashMap<u64, [TcpStream; 2]>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst)
    }
}

/// Answers calls until the cable is cut.
fn keep(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            if shared.is_cut() {
                return;
            }
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || link(near, &shared));
        }
    })
}

/// Carries one link until one of its ends has enough.
fn link(near: TcpStream, shared: &Arc<Shared>) {
    let Ok(far) = TcpStream::connect(shared.far) else { return };
    let number = shared.opened.fetch_add(1, Ordering::SeqCst);
    let Ok(ends) = both(&near, &far) else { return };
    shared.links().insert(number, ends);
    // Cut while we were connecting: whoever cut it did not see this link.
    if shared.is_cut() {
        let _ = near.shutdown(Shutdown::Both);
        let _ = far.shutdown(Shutdown::Both);
    }
    if let Ok([near_too, far_too]) = both(&near, &far) {
        let weather = Arc::clone(&shared.weather);
        let down = std::thread::spawn(move || {
            carry(far_too, near_too, weather.as_ref(), number, Way::Down);
        });
        carry(near, far, shared.weather.as_ref(), number, Way::Up);
        let _ = down.join();
    }
    shared.links().remove(&number);
}

fn both(near: &TcpStream, far: &TcpStream) -> io::Result<[TcpStream; 2]> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    Ok([near.try_clone()?, far.try_clone()?])
}

fn carry(mut from: TcpStream, mut to: TcpStream, weather: &dyn Weather, number: u64, way: Way) {
    let mut passage = weather.passage(number, way);
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        if passage.carry(&chunk[..read], &mut to).is_err() {
            break;
        }
    }
    hang_up(&[from, to]);
}

fn hang_up(ends: &[TcpStream; 2]) {
    for end in ends {
        // It may have hung up itself.
        let _ = end.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::weather::{Fair, Passage};
    use super::*;

    /// Says everything back.
    fn parrot() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for link in listener.incoming().map_while(Result::ok) {
                let mut mouth = link.try_clone().unwrap();
                std::thread::spawn(move || io::copy(&mut &link, &mut mouth));
            }
        });
        address
    }

    fn echo(link: &mut TcpStream, words: &[u8]) -> io::Result<Vec<u8>> {
        link.write_all(words)?;
        let mut heard = vec![0; words.len()];
        link.read_exact(&mut heard)?;
        Ok(heard)
    }

    #[test]
    fn a_cut_ends_links_and_refuses_new_ones_until_it_is_mended() {
        let mut cable = Cable::lay(parrot(), Arc::new(Fair)).unwrap();
        let mut link = TcpStream::connect(cable.address()).unwrap();
        assert_eq!(echo(&mut link, b"hello").unwrap(), b"hello");
        cable.cut();
        assert!(echo(&mut link, b"hello?").is_err());
        assert!(TcpStream::connect(cable.address()).is_err());
        cable.mend().unwrap();
        let mut link = TcpStream::connect(cable.address()).unwrap();
        assert_eq!(echo(&mut link, b"again").unwrap(), b"again");
        assert_eq!(cable.links_opened(), 2);
    }

    /// Says every chunk twice on the way up, and hangs up at a certain word.
    struct Stutter;

    impl Weather for Stutter {
        fn passage(&self, _link: u64, way: Way) -> Box<dyn Passage> {
            if way == Way::Up { Box::new(Self) } else { Box::new(Fair) }
        }
    }

    impl Passage for Stutter {
        fn carry(&mut self, chunk: &[u8], far: &mut dyn io::Write) -> io::Result<()> {
            if chunk == b"stop" {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            far.write_all(chunk)?;
            far.write_all(chunk)
        }
    }

    #[test]
    fn weather_changes_what_is_carried_and_hangs_up() {
        let cable = Cable::lay(parrot(), Arc::new(Stutter)).unwrap();
        let mut link = TcpStream::connect(cable.address()).unwrap();
        link.write_all(b"no").unwrap();
        let mut heard = [0; 4];
        link.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"nono");
        assert!(echo(&mut link, b"stop").is_err());
    }
}
