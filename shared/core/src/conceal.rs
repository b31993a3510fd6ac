//! Values that no log may show.

/// Gives types a `Debug` that shows nothing of what they hold.
#[macro_export]
macro_rules! conceal {
    ($($name:ident),* $(,)?) => {$(
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
