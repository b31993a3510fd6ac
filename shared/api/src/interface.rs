//! The interfaces: their names, and the functions that serve them. Nothing else spells a name.

/// One of App Connect's connector functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interface {
    /// Logs messages that may open a digest.
    CreateMessageLog,
    /// Logs messages that may join a digest.
    UpdateMessageLog,
}

/// The functions that nobody calls: a schedule runs them.
pub const SCHEDULED: [&str; 1] = ["deliver-pending"];

impl Interface {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::CreateMessageLog, Self::UpdateMessageLog];

    /// App Connect's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateMessageLog => "createMessageLog",
            Self::UpdateMessageLog => "updateMessageLog",
        }
    }

    /// Older names, which work too.
    pub const fn older_names(self) -> &'static [&'static str] {
        match self {
            Self::CreateMessageLog => &["addMessageLog"],
            Self::UpdateMessageLog => &[],
        }
    }

    /// The package, binary and folder below `functions/` that serves it.
    pub const fn function(self) -> &'static str {
        match self {
            Self::CreateMessageLog => "create-message-log",
            Self::UpdateMessageLog => "update-message-log",
        }
    }

    /// Whether `name` is its name or an older one.
    pub fn is_named(self, name: &str) -> bool {
        self.name() == name || self.older_names().contains(&name)
    }

    /// The interface of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| interface.is_named(name))
    }

    /// The interface that a function serves.
    pub fn of_function(function: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| interface.function() == function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_one_interface() {
        for interface in Interface::ALL {
            assert_eq!(Interface::named(interface.name()), Some(interface));
            assert_eq!(
                Interface::of_function(interface.function()),
                Some(interface)
            );
        }
        assert_eq!(
            Interface::named("addMessageLog"),
            Some(Interface::CreateMessageLog)
        );
        assert_eq!(Interface::named("dropTable"), None);
    }
}
