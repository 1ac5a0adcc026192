#include "gui/window/window.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <GLFW/glfw3.h>
#include <imgui/imgui.h>
#include <imgui_impl_opengl3.h>

#include "gui/app/automation.h"

namespace glasshouse::gui {
namespace {

// What keeps the loop going after the last input: hover and scroll effects take a frame or two.
constexpr int frames_after_input = 3;
constexpr int frames_unseen_max = 8;
constexpr double idle_seconds = 0.5;
constexpr double automated_seconds = 0.02;

struct Loop {
  ObserverApp* app = nullptr;
  int frames_due = frames_after_input;
  bool is_exposed = true;
};

Loop& loop_of(GLFWwindow* window) {
  return *static_cast<Loop*>(glfwGetWindowUserPointer(window));
}

InputQueue& input_of(GLFWwindow* window) {
  Loop& loop = loop_of(window);
  loop.frames_due = frames_after_input;
  return loop.app->screen().input();
}

void install_callbacks(GLFWwindow* window) {
  glfwSetCursorPosCallback(window, [](GLFWwindow* at, double x, double y) {
    input_of(at).move(static_cast<float>(x), static_cast<float>(y));
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* at, int entered) {
    if (entered == 0) input_of(at).move(-1, -1);
  });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* at, int button, int action, int) {
    input_of(at).button(button, action == GLFW_PRESS);
  });
  glfwSetScrollCallback(window, [](GLFWwindow* at, double x, double y) {
    input_of(at).wheel(static_cast<float>(x), static_cast<float>(y));
  });
  glfwSetKeyCallback(window, [](GLFWwindow* at, int code, int, int action, int) {
    // A held key is a key pressed again and again, as often as the desktop says.
    if (action == GLFW_REPEAT) input_of(at).key(code, false);
    input_of(at).key(code, action != GLFW_RELEASE);
  });
  glfwSetCharCallback(window, [](GLFWwindow* at, unsigned int code) {
    input_of(at).push({.kind = InputEvent::Kind::character, .code = static_cast<int>(code)});
  });
  glfwSetWindowFocusCallback(window, [](GLFWwindow* at, int focused) {
    input_of(at).push({.kind = InputEvent::Kind::focus, .is_down = focused != 0});
  });
  glfwSetFramebufferSizeCallback(window, [](GLFWwindow* at, int width, int height) {
    Loop& loop = loop_of(at);
    loop.frames_due = frames_after_input;
    loop.is_exposed = true;
    if (width > 0 && height > 0) loop.app->screen().resize(width, height);
  });
  glfwSetWindowRefreshCallback(window, [](GLFWwindow* at) {
    loop_of(at).is_exposed = true;
    loop_of(at).frames_due = frames_after_input;
  });
}

// Changes when anything that is drawn changes, so that equal frames need not be drawn twice.
std::uint64_t fingerprint(const ImDrawData& data) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  auto mix = [&](const void* bytes, std::size_t size) {
    const auto* words = static_cast<const std::uint32_t*>(bytes);
    for (std::size_t i = 0; i < size / 4; ++i)
      hash = (hash ^ words[i]) * 0x100000001b3U;
  };
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList& list = *data.CmdLists[n];
    mix(list.VtxBuffer.Data, static_cast<std::size_t>(list.VtxBuffer.size_in_bytes()));
    for (const ImDrawCmd& command : list.CmdBuffer) {
      mix(&command.ClipRect, sizeof command.ClipRect);
      mix(&command.ElemCount, sizeof command.ElemCount);
    }
  }
  return hash;
}

struct WindowCloser {
  void operator()(GLFWwindow* window) const {
    glfwDestroyWindow(window);
    glfwTerminate();
  }
};
using WindowHandle = std::unique_ptr<GLFWwindow, WindowCloser>;

runtime::Result<WindowHandle> open_window(const WindowOptions& options) {
  if (glfwInit() == 0) {
    return runtime::Error("there is no display to open a window on; use --screenshot FILE.png");
  }
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  GLFWwindow* window =
      glfwCreateWindow(options.width, options.height, "Glasshouse", nullptr, nullptr);
  if (window == nullptr) {
    glfwTerminate();
    return runtime::Error("this display has no OpenGL 3.3; use --screenshot FILE.png");
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  return WindowHandle(window);
}

// Fonts and shaders on the graphics card; the fonts again when they were built anew.
class Renderer {
 public:
  explicit Renderer(ObserverApp& app) : app_(app) { ImGui_ImplOpenGL3_Init("#version 330"); }
  ~Renderer() { ImGui_ImplOpenGL3_Shutdown(); }
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  void draw(GLFWwindow* window, bool is_exposed) {
    Screen& screen = app_.screen();
    if (screen.font_generation() != font_generation_) {
      font_generation_ = screen.font_generation();
      ImGui_ImplOpenGL3_DestroyFontsTexture();
      ImGui_ImplOpenGL3_NewFrame();
      ImGui_ImplOpenGL3_CreateFontsTexture();
      is_exposed = true;
    }
    // The last frame was made with the texture of its time; the id is one for all commands.
    std::uint64_t print = fingerprint(screen.drawn());
    if (print == shown_ && !is_exposed) return;
    shown_ = print;
    ImDrawData& data = const_cast<ImDrawData&>(screen.drawn());
    for (int n = 0; n < data.CmdListsCount; ++n) {
      for (ImDrawCmd& command : data.CmdLists[n]->CmdBuffer) {
        command.TextureId = ImGui::GetIO().Fonts->TexID;
      }
    }
    glViewport(0, 0, screen.width(), screen.height());
    Colour back = screen.theme().background;
    glClearColor(static_cast<float>(back.r) / 255, static_cast<float>(back.g) / 255,
                 static_cast<float>(back.b) / 255, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(&data);
    glfwSwapBuffers(window);
  }

 private:
  ObserverApp& app_;
  int font_generation_ = 0;
  std::uint64_t shown_ = 0;
};

void join_clipboard(GLFWwindow* window) {
  ImGuiIO& io = ImGui::GetIO();
  io.ClipboardUserData = window;
  io.SetClipboardTextFn = [](void* user, const char* text) {
    glfwSetClipboardString(static_cast<GLFWwindow*>(user), text);
  };
  io.GetClipboardTextFn = [](void* user) {
    return glfwGetClipboardString(static_cast<GLFWwindow*>(user));
  };
}

}  // namespace

runtime::Result<void> show_window(ObserverApp& app, const WindowOptions& options,
                                  const std::function<bool()>& before_frame,
                                  Automation* automation) {
  runtime::Result<WindowHandle> opened = open_window(options);
  if (!opened.ok()) return opened.error();
  GLFWwindow* window = opened->get();
  Loop loop{.app = &app};
  glfwSetWindowUserPointer(window, &loop);
  install_callbacks(window);
  float scale = options.scale;
  if (scale == 0) glfwGetWindowContentScale(window, &scale, nullptr);
  app.set_base_scale(std::clamp(scale, 0.75F, 3.0F));
  int width = 0;
  int height = 0;
  glfwGetFramebufferSize(window, &width, &height);
  app.screen().resize(width, height);
  app.screen().make_current();
  join_clipboard(window);
  Renderer renderer(app);
  double last = glfwGetTime();
  int frames_unseen = 0;
  while (glfwWindowShouldClose(window) == 0) {
    bool is_busy = loop.frames_due > 0 || app.observer().is_moving() || !app.input().is_empty();
    if (is_busy) {
      glfwPollEvents();
    } else {
      glfwWaitEventsTimeout(automation == nullptr ? idle_seconds : automated_seconds);
    }
    if (!before_frame()) break;
    double now = glfwGetTime();
    app.frame(std::min(now - last, 0.1));
    last = now;
    if (automation != nullptr && automation->serve(app)) loop.frames_due = frames_after_input;
    if (automation != nullptr && automation->wants_to_quit()) break;
    if (!app.clipboard().empty()) glfwSetClipboardString(window, app.clipboard().c_str());
    // Where drawing is slow, keys that wait are worth more than the frames between them.
    bool is_behind = !app.input().is_empty() && ++frames_unseen < frames_unseen_max;
    if (is_behind) continue;
    frames_unseen = 0;
    renderer.draw(window, loop.is_exposed);
    loop.is_exposed = false;
    if (loop.frames_due > 0) --loop.frames_due;
  }
  return {};
}

}  // namespace glasshouse::gui
