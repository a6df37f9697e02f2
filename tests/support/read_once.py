"""What a forked command has read already: the snapshot, and Bolton compared with neighbours."""

import sketches
from bolton_jsna.building.inputs import gather

sketches.compared_once(gather("Bolton"))
