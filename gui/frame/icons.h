#pragma once
// The pictures of the icon font that the observer uses. Every one is named here and nowhere else:
// the atlas is built from this list, so an icon outside it would be drawn as "?".

#include <array>

namespace glasshouse::gui::icon {

inline constexpr const char* process_tree = "\ue97a";  // account_tree
inline constexpr const char* supervision = "\ue335";   // device_hub
inline constexpr const char* hub = "\ue9f4";           // hub
inline constexpr const char* messages = "\ue8d4";      // swap_horiz
inline constexpr const char* crashes = "\ue868";       // bug_report
inline constexpr const char* dark_mode = "\ue51c";
inline constexpr const char* light_mode = "\ue518";
inline constexpr const char* help = "\ue887";
inline constexpr const char* search = "\ue8b6";
inline constexpr const char* filter = "\ue152";
inline constexpr const char* close = "\ue5cd";
inline constexpr const char* play = "\ue037";
inline constexpr const char* pause = "\ue034";
inline constexpr const char* first = "\ue045";            // skip_previous
inline constexpr const char* last = "\ue044";             // skip_next
inline constexpr const char* step_back = "\ue408";        // navigate_before
inline constexpr const char* step_forward = "\ue409";     // navigate_next
inline constexpr const char* notable_back = "\ue020";     // fast_rewind
inline constexpr const char* notable_forward = "\ue01f";  // fast_forward
inline constexpr const char* chevron_right = "\ue5cc";
inline constexpr const char* chevron_down = "\ue5cf";  // expand_more
inline constexpr const char* arrow_up = "\ue5d8";
inline constexpr const char* arrow_down = "\ue5db";
inline constexpr const char* running = "\ue038";   // play_circle_filled
inline constexpr const char* waiting = "\ue88b";   // hourglass_empty
inline constexpr const char* idle = "\ue836";      // radio_button_unchecked
inline constexpr const char* runnable = "\ue8b5";  // schedule
inline constexpr const char* exited = "\ue15d";    // remove_circle_outline
inline constexpr const char* error = "\ue000";
inline constexpr const char* warning = "\ue002";
inline constexpr const char* restart = "\ue042";    // replay
inline constexpr const char* violation = "\ue031";  // new_releases
inline constexpr const char* circle = "\uef4a";
inline constexpr const char* mail = "\ue158";
inline constexpr const char* send = "\ue163";
inline constexpr const char* receive = "\ue168";  // move_to_inbox
inline constexpr const char* link = "\ue157";
inline constexpr const char* timer = "\ue425";
inline constexpr const char* storage = "\ue1db";
inline constexpr const char* network = "\ue8be";  // settings_ethernet
inline constexpr const char* spawn = "\ue147";    // add_circle
inline constexpr const char* label = "\ue892";
inline constexpr const char* fault = "\uea0b";     // bolt
inline constexpr const char* action = "\ue913";    // touch_app
inline constexpr const char* log = "\ue873";       // description
inline constexpr const char* kill = "\ue5c9";      // cancel
inline constexpr const char* cut = "\ue14e";       // content_cut
inline constexpr const char* cause = "\ue5c4";     // arrow_back
inline constexpr const char* effect = "\ue5c8";    // arrow_forward
inline constexpr const char* property = "\ue8e8";  // verified_user
inline constexpr const char* unfold = "\ue5d7";    // unfold_more
inline constexpr const char* fold = "\ue5d6";      // unfold_less
inline constexpr const char* dot = "\ue061";       // fiber_manual_record
inline constexpr const char* record = "\ue061";
inline constexpr const char* node = "\ue875";  // dns

inline constexpr std::array all = {
    process_tree,
    supervision,
    hub,
    messages,
    crashes,
    dark_mode,
    light_mode,
    help,
    search,
    filter,
    close,
    play,
    pause,
    first,
    last,
    step_back,
    step_forward,
    notable_back,
    notable_forward,
    chevron_right,
    chevron_down,
    arrow_up,
    arrow_down,
    running,
    waiting,
    idle,
    runnable,
    exited,
    error,
    warning,
    restart,
    violation,
    circle,
    mail,
    send,
    receive,
    link,
    timer,
    storage,
    network,
    spawn,
    label,
    fault,
    action,
    log,
    kill,
    cut,
    cause,
    effect,
    property,
    unfold,
    fold,
    dot,
    record,
    node,
};

}  // namespace glasshouse::gui::icon
